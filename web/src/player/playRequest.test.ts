// @vitest-environment happy-dom

import { beforeEach, describe, expect, it } from 'vitest';
import { Playback } from './playback.svelte';
import { attach } from './testing';

beforeEach(() => localStorage.clear());

describe('asked to play before its source is connected', () => {
  const interrupted = () => Promise.reject(new DOMException('interrupted by a new load request', 'AbortError'));
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  it('plays once it is loaded', async () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.play.mockImplementationOnce(interrupted);
    p.play();
    await settled();
    m.ready(60);
    expect([m.play.mock.calls.length, m.paused]).toEqual([2, false]);
  });
  it('stays paused when it was paused meanwhile', async () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.play.mockImplementationOnce(interrupted);
    p.play();
    await settled();
    p.pause();
    m.ready(60);
    expect([m.play.mock.calls.length, m.paused]).toEqual([1, true]);
  });
});
