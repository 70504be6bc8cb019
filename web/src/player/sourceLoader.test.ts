// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clipOf } from '../clip/testing';
import { SourceLoader } from './sourceLoader.svelte';
import { Playback } from './playback.svelte';

const media = (m: object) => ({ ...clipOf().media, ...m });
const file = clipOf({ media: media({ master: '/m', video: '/v.mp4' }) });
const live = clipOf({ state: 'recording', duration_ms: null, media: media({ master: '/m' }) });

let p: Playback;
let feed: SourceLoader;
let el: HTMLVideoElement;
const refresh = vi.fn(async () => undefined);

beforeEach(() => {
  localStorage.clear();
  refresh.mockClear();
  p = new Playback(60_000);
  feed = new SourceLoader(p, refresh);
  el = document.createElement('video');
  el.canPlayType = () => 'maybe';
  el.load = () => undefined;
  el.play = vi.fn(async () => undefined);
  vi.stubGlobal('ManagedMediaSource', class {}); // HLS by the browser itself: no library is loaded here
});
afterEach(() => (vi.unstubAllGlobals(), vi.useRealTimers()));

describe('what plays', () => {
  it('stays when something better comes, until it breaks', async () => {
    feed.switchTo(feed.planFor(live));
    expect(feed.active).toEqual({ kind: 'hls', url: '/m', live: true });
    feed.switchTo(feed.planFor(file));
    expect(feed.active?.kind).toBe('hls');
    await feed.reload();
    feed.switchTo(feed.planFor(file));
    expect(feed.active).toEqual({ kind: 'file', url: '/v.mp4' });
  });
  it('is loaded anew when a recorder has gone on in the clip', async () => {
    feed.switchTo(feed.planFor(file));
    feed.connect(el);
    await vi.waitFor(() => expect(el.getAttribute('src')).toBe('/v.mp4'));
    for (const state of ['recording', 'processing'] as const) {
      const longer = clipOf({ state, media: media({ master: '/m', video: '/v.mp4' }) });
      expect(feed.planFor(longer)).toEqual({ kind: 'hls', url: '/m', live: false });
      feed.followReplacement(longer);
    }
    expect(refresh).not.toHaveBeenCalled();
    feed.followReplacement(file);
    feed.followReplacement(file);
    expect(refresh).toHaveBeenCalledOnce();
  });
  it('is nothing while there is nothing', () => {
    feed.switchTo(feed.planFor(clipOf({ state: 'processing' })));
    expect(feed.active).toBeNull();
  });
  it('goes into the element, and out of it again', async () => {
    feed.switchTo(feed.planFor(file));
    const close = feed.connect(el);
    await vi.waitFor(() => expect(el.getAttribute('src')).toBe('/v.mp4'));
    close?.();
    await vi.waitFor(() => expect(el.hasAttribute('src')).toBe(false));
  });
});

describe('a broken source', () => {
  function breaks() {
    Object.defineProperty(el, 'error', { value: { code: 2 }, configurable: true });
    el.dispatchEvent(new Event('error'));
  }
  it('is mended once without a word, then said', async () => {
    vi.useFakeTimers();
    feed.switchTo(feed.planFor(file));
    const close = feed.connect(el);
    await vi.advanceTimersByTimeAsync(0);
    breaks();
    expect(feed.fault).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(refresh).toHaveBeenCalledOnce();
    breaks();
    expect(feed.fault).toBe('network');
    await feed.reload();
    expect(feed.fault).toBeNull();
    close?.();
  });
  it('goes on by itself when the server is back', async () => {
    vi.useFakeTimers();
    feed.switchTo(feed.planFor(file));
    const close = feed.connect(el);
    await vi.advanceTimersByTimeAsync(0);
    breaks();
    await vi.advanceTimersByTimeAsync(1000);
    breaks();
    refresh.mockRejectedValueOnce(new TypeError('still away'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(feed.fault).toBe('network');
    await vi.advanceTimersByTimeAsync(5000);
    expect(feed.fault).toBeNull();
    feed.dispose();
    close?.();
  });
  it('goes on where it stopped', async () => {
    vi.useFakeTimers();
    feed.switchTo(feed.planFor(file));
    p.seek(33);
    p.paused = false;
    let close = feed.connect(el);
    await vi.advanceTimersByTimeAsync(0);
    breaks();
    close?.();
    await vi.advanceTimersByTimeAsync(1000);
    const detach = p.attach(el);
    close = feed.connect(el);
    await vi.advanceTimersByTimeAsync(0);
    expect(el.play).toHaveBeenCalledOnce();
    expect(p.time).toBe(33);
    el.dispatchEvent(new Event('loadedmetadata'));
    expect(el.currentTime).toBe(33);
    detach();
    close?.();
  });
});

describe('the original as a shortcut', () => {
  const waiting = clipOf({ state: 'processing', media: media({ original: '/o' }) });
  it('plays when the browser knows it', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { headers: { 'Content-Type': 'video/webm' } }));
    await feed.tryOriginal('/o', el, new AbortController().signal);
    feed.switchTo(feed.planFor(waiting));
    expect(feed.active).toEqual({ kind: 'file', url: '/o' });
  });
  it('is forgotten when it cannot be had', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('offline');
    });
    await feed.tryOriginal('/o', el, new AbortController().signal);
    expect(feed.planFor(waiting).kind).toBe('wait');
  });
});
