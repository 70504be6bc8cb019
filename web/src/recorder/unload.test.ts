// @vitest-environment happy-dom

import { afterEach, expect, it, vi } from 'vitest';
import type { Phase } from './phase';
import { guardUnload } from './unload';

let release = () => {};
afterEach(() => release());

function leave(phase: Phase) {
  const flush = vi.fn();
  release = guardUnload({ phase, flush });
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  return { asks: event.defaultPrevented, flushed: flush.mock.calls.length };
}

it('has the encoder hand out what it holds before the question', () => {
  expect(leave({ name: 'recording', since: 0, before: 0 })).toEqual({ asks: true, flushed: 1 });
});
it('asks nothing where nothing was recorded', () => {
  expect(leave({ name: 'countdown', left: 2 })).toEqual({ asks: false, flushed: 0 });
});
it('leaves the worker time to write before the page ends', () => {
  leave({ name: 'paused', before: 5000 });
  const began = performance.now();
  window.dispatchEvent(new Event('pagehide'));
  expect(performance.now() - began).toBeGreaterThan(250);
});
