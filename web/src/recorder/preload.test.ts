// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

class FakeWorker extends EventTarget {
  static all: FakeWorker[] = [];
  constructor(readonly url: URL) {
    super();
    FakeWorker.all.push(this);
  }
}
const made = (name: string) => FakeWorker.all.filter((w) => String(w.url).includes(`${name}.worker`));

let fetched: string[];
beforeEach(() => {
  vi.resetModules();
  FakeWorker.all = [];
  fetched = [];
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('fetch', (url: URL) => (fetched.push(String(url)), Promise.resolve()));
});
afterEach(() => vi.unstubAllGlobals());

it('has one worker of each kind, and the worklets, before any is needed', async () => {
  const { preloadRecorder, takeWorker } = await import('./preload');
  preloadRecorder();
  const [ready] = made('spool');
  expect(FakeWorker.all).toHaveLength(3);
  expect(fetched.map((url) => /(\w+)\.worklet/.exec(url)![1])).toEqual(['level', 'recent']);
  expect(takeWorker('spool')).toBe(ready);
  expect(made('spool')).toHaveLength(2); // the next recording has one as well
  expect(takeWorker('spool')).toBe(made('spool')[1]);
});

it('tries one again that did not load', async () => {
  const { preloadRecorder, takeWorker } = await import('./preload');
  preloadRecorder();
  made('spool')[0]!.dispatchEvent(new Event('error'));
  expect(takeWorker('spool')).toBe(made('spool')[1]);
});

it('makes none that nobody needs on other pages', async () => {
  const { takeWorker } = await import('./preload');
  takeWorker('spool');
  expect(FakeWorker.all).toHaveLength(1);
});
