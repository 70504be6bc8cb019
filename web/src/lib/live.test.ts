// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boot } from './boot';
import { subscribeEvents, subscribePersonal } from './live.svelte';

/** What a browser's EventSource does, driven by the test. */
class Source extends EventTarget {
  static all: Source[] = [];
  static readonly CLOSED = 2;
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(type: string, id: string, data: object | string) {
    this.dispatchEvent(
      new MessageEvent(type, { data: typeof data === 'string' ? data : JSON.stringify({ type, ...data }), lastEventId: id }),
    );
  }
  refuse() {
    this.readyState = 2;
    this.onerror?.();
  }
}

let stops: (() => void)[] = [];
const listen = (...args: Parameters<typeof subscribeEvents>) => {
  const stop = subscribeEvents(...args);
  stops.push(stop);
  return stop;
};
const see = (state: 'visible' | 'hidden') => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
};
const last = () => Source.all.at(-1)!;

beforeEach(() => {
  Source.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
});
afterEach(() => {
  stops.forEach((stop) => stop());
  stops = [];
  boot.share = null;
  boot.event_id = '';
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('hears the events it asked for', () => {
  const on = vi.fn();
  listen('W1', { 'clip.updated': on }, 'C1');
  expect(last().url).toBe('/api/v1/events?workspace=W1&clip=C1');
  last().say('clip.updated', 'e-1', { clip_id: 'C1' });
  last().say('comment.created', 'e-2', { clip_id: 'C1' });
  expect(on).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ clip_id: 'C1' }));
});

test('is closed while the tab is hidden and goes on after the last event', () => {
  listen('W2', {});
  last().say('clip.updated', 'e-7', {});
  see('hidden');
  expect(last().readyState).toBe(Source.CLOSED);
  see('visible');
  expect(Source.all).toHaveLength(2);
  expect(last().url).toContain('after=e-7');
});

test('goes on after what the page shows, also when no event has come yet', () => {
  boot.event_id = 'e-3';
  listen('W3', {});
  expect(last().url).toContain('after=e-3');
  last().open();
  see('hidden');
  see('visible');
  expect(last().url).toContain('after=e-3');
});

test('a refused connection is tried again, ever more slowly', () => {
  listen('W4', {});
  last().refuse();
  vi.advanceTimersByTime(999);
  expect(Source.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(Source.all).toHaveLength(2);
  last().refuse();
  vi.advanceTimersByTime(1_000);
  expect(Source.all).toHaveLength(2);
  vi.advanceTimersByTime(1_000);
  expect(Source.all).toHaveLength(3);
});

test('an event that cannot be read is a resync', () => {
  const resync = vi.fn();
  listen('W5', { resync });
  last().say('clip.updated', 'e-1', '{"type":');
  expect(resync).toHaveBeenCalledOnce();
});

test('listeners to the same thing share one connection, closed with the last', () => {
  const [one, two] = [vi.fn(), vi.fn()];
  const stopOne = listen('W6', { 'clip.step': one });
  const stopTwo = listen('W6', { 'clip.step': two });
  expect(Source.all).toHaveLength(1);
  stopOne();
  last().say('clip.step', 'e-1', {});
  expect(one).not.toHaveBeenCalled();
  expect(two).toHaveBeenCalledOnce();
  stopTwo();
  expect(last().readyState).toBe(Source.CLOSED);
});

test('visitors by a share link bring its token', () => {
  boot.share = {
    token: 'tok en',
    locked: false,
    access: 'anyone',
    allow_comments: true,
    allow_download: true,
    start_ms: null,
    end_ms: null,
    snippet: false,
    guest: null,
  };
  listen(null, {}, 'C1');
  expect(last().url).toBe('/api/v1/events?clip=C1&share=tok+en');
});

test('personal events have a connection of their own only while the page has no other one', () => {
  const notify = vi.fn();
  stops.push(subscribePersonal(notify));
  vi.advanceTimersByTime(500);
  const personal = last();
  expect(personal.url).toBe('/api/v1/events?mine=true');
  personal.open();

  const stop = listen('w1', {}, 'c1');
  expect(personal.readyState).toBe(1); // until the other one is open: nothing is missed
  last().open();
  expect(personal.readyState).toBe(Source.CLOSED);
  last().say('notification', '1', {});
  expect(notify).toHaveBeenCalledTimes(1);

  stop();
  vi.advanceTimersByTime(500);
  expect(last().url).toBe('/api/v1/events?mine=true');
  expect(notify).toHaveBeenCalledTimes(2); // what came meanwhile is not known
});
