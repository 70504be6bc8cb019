// @vitest-environment happy-dom

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Playback } from './playback.svelte';
import { attach, FakeMedia } from './testing';

beforeEach(() => localStorage.clear());

describe('seeking', () => {
  it('adds quick keys up and stays inside', () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.ready(60);
    p.skipBy(10);
    p.skipBy(10);
    expect([p.time, m.currentTime]).toEqual([20, 20]);
    p.skipBy(-99);
    expect(p.time).toBe(0);
    p.skipBy(999);
    expect(p.time).toBe(60);
  });
  it('before anything is loaded is done when it can be', () => {
    const p = new Playback(60_000);
    p.seek(33.5);
    const { m } = attach(p);
    m.tell('durationchange');
    expect(p.time).toBe(33.5); // an element that knows nothing yet does not move the playhead
    m.ready(60);
    expect(m.currentTime).toBe(33.5);
  });
  it('does not seek to where the element already is', () => {
    const p = new Playback(60_000);
    p.seekWhenLoaded(0);
    const m = new FakeMedia();
    const set = vi.fn();
    Object.defineProperty(m, 'currentTime', { get: () => 0, set });
    attach(p, m);
    m.ready(60);
    expect(set).not.toHaveBeenCalled();
  });
  it.each<[string, Playback, number]>([
    ['inside', new Playback(60_000), 33.5],
    ['of a recording, whose end is not known', new Playback(null), 33.5],
    ['past the end', new Playback(20_000), 20],
    ['outside a link’s part', new Playback(60_000, { start_ms: 40_000, end_ms: 50_000 }), 40],
  ])('opens at 33.5 %s', (_, p, want) => {
    p.startAt(33.5);
    expect(p.time).toBe(want);
  });
  it('from the end begins again', () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.ready(60);
    m.ended = true;
    m.tell('ended');
    p.toggle();
    expect([p.time, m.play.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('a link to a part', () => {
  const part = () => new Playback(60_000, { start_ms: 10_000, end_ms: 30_000 });
  it('begins where the part begins and cannot be left', () => {
    const p = part();
    expect(p.span).toEqual({ start: 10, end: 30 });
    expect(p.time).toBe(10);
    p.seek(5);
    expect(p.time).toBe(10);
    p.seek(55);
    expect(p.time).toBe(30);
  });
  it.each([
    [9_999, false],
    [10_000, true],
    [30_000, true],
    [30_001, false],
  ])('holds %s ms: %s', (ms, want) => expect(part().isWatchable(ms)).toBe(want));
  it('stops at its end, and plays from its start again', () => {
    const p = part();
    const { m } = attach(p);
    m.ready(60);
    p.play();
    m.currentTime = 30.1;
    m.tell('timeupdate');
    expect([m.pause.mock.calls.length, p.time]).toEqual([1, 30]);
    p.play();
    expect(m.currentTime).toBe(10);
  });
});

describe('what it knows of the element', () => {
  it('takes the length the server knows until the file says more', () => {
    const p = new Playback(5000);
    expect(p.span.end).toBe(5);
    const { m } = attach(p);
    m.ready(5.08);
    expect(p.span.end).toBe(5.08);
  });
  it('lives with a file that has no length in its head', () => {
    const p = new Playback();
    const { m } = attach(p);
    m.ranges = [[0, 7]];
    m.ready(Infinity);
    expect(p.span).toEqual({ start: 0, end: 7 });
  });
  it('says how far it is loaded, and when it waits', () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    m.ready(60);
    m.ranges = [[0, 12]];
    m.paused = false;
    m.readyState = 2;
    clock.mockReturnValue(1000);
    m.tell('waiting');
    expect([p.bufferedUntil, p.waiting]).toEqual([12, true]);
    m.readyState = 4;
    m.tell('playing');
    expect(p.waiting).toBe(false);
  });
  it('does not wait for an element that plays on after a seek, whatever its readyState says', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.ready(60);
    p.seek(15, true);
    m.seeking = true;
    m.readyState = 2; // WebKit leaves it there
    clock.mockReturnValue(1000);
    m.tell('seeking');
    expect(p.waiting).toBe(true);
    m.seeking = false;
    m.currentTime = 15.2;
    m.tell('seeked');
    expect(p.waiting).toBe(false);
  });
  it('keeps its place while a broken source is loaded anew', () => {
    let paint: FrameRequestCallback = () => expect.unreachable('it follows the element with each frame');
    vi.spyOn(globalThis, 'requestAnimationFrame').mockImplementation((f) => ((paint = f), 1));
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.ready(60);
    p.seek(40);
    p.play();
    m.readyState = 0;
    m.currentTime = 0; // what an element without a source says
    m.tell('timeupdate');
    paint(0);
    paint(16);
    expect(p.time).toBe(40);
    m.readyState = 4;
    m.currentTime = 41;
    paint(32);
    expect(p.time).toBe(41); // it is there again
  });
  it('does not jump back while a seek is under way', () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.ready(60);
    p.seek(40);
    m.seeking = true;
    m.currentTime = 3;
    m.tell('seeking');
    expect(p.time).toBe(40);
  });
  it('is told nothing more once it let go', () => {
    const p = new Playback(60_000);
    const { m, detach } = attach(p);
    m.ready(60);
    detach();
    m.currentTime = 9;
    m.tell('timeupdate');
    expect(p.time).toBe(0);
  });
  it('knows that the browser wants a click first', async () => {
    const p = new Playback(60_000);
    const { m } = attach(p);
    m.play.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'));
    p.play();
    await vi.waitFor(() => expect(p.autoplayBlocked).toBe(true));
    p.play();
    expect(p.autoplayBlocked).toBe(false);
  });
});

describe('speed and volume', () => {
  it('stay within bounds, reach the element and are remembered', () => {
    const p = new Playback();
    const { m } = attach(p);
    p.setRate(9);
    expect([p.rate, m.playbackRate, m.defaultPlaybackRate]).toEqual([2.5, 2.5, 2.5]);
    p.changeRate(-9);
    expect(p.rate).toBe(0.5);
    p.setRate(1.5);
    p.setVolume(0.4);
    const again = new Playback();
    expect([again.rate, again.volume, again.muted]).toEqual([1.5, 0.4, false]);
    const { m: m2 } = attach(again);
    expect([m2.playbackRate, m2.volume]).toEqual([1.5, 0.4]);
  });
  it('volume 0 is mute, and unmute is heard', () => {
    const p = new Playback();
    p.setVolume(0);
    expect(p.muted).toBe(true);
    p.setMuted(false);
    expect([p.muted, p.volume > 0]).toEqual([false, true]);
  });
  it('do not trust what was kept', () => {
    localStorage.setItem('tidings.rate', '"fast"');
    localStorage.setItem('tidings.volume', '77');
    const p = new Playback();
    expect([p.rate, p.volume]).toEqual([1, 1]);
  });
});

it('live: says how far behind and jumps to the edge', () => {
  const p = new Playback();
  const { m } = attach(p);
  m.ready(40);
  p.seek(10);
  p.liveEdge = 34;
  expect(p.secondsBehindLive).toBe(24);
  p.seekToLive();
  expect([p.time, p.paused, p.secondsBehindLive]).toEqual([34, false, 0]);
  p.liveEdge = null;
  expect(p.secondsBehindLive).toBe(0);
});

describe('an element that ends at the live edge while the recorder pauses', () => {
  const endedAtEdge = () => {
    const p = new Playback();
    const { m } = attach(p);
    m.ranges = [[0, 21]];
    m.ready(21);
    p.liveEdge = 16;
    p.seek(15, true);
    m.currentTime = 21;
    m.ended = m.paused = true;
    m.tell('pause');
    m.tell('ended');
    return { p, m };
  };
  it('waits, and goes on by itself where it stopped', () => {
    const { p, m } = endedAtEdge();
    expect([p.ended, p.paused, p.waiting]).toEqual([false, false, true]);
    m.ended = false; // its length has grown
    m.tell('durationchange');
    expect(m.play).toHaveBeenCalledTimes(1); // there is nothing to play yet
    m.ranges = [[0, 25]];
    m.tell('progress');
    expect([m.play.mock.calls.length, m.currentTime, p.waiting]).toEqual([2, 21, false]);
  });
  it('has ended when the recording has', () => {
    const { p } = endedAtEdge();
    p.liveEdge = null;
    expect([p.ended, p.paused, p.waiting]).toEqual([true, true, false]);
  });
  it('is paused by the viewer, and waits again at the next play', () => {
    const { p, m } = endedAtEdge();
    p.pause();
    m.tell('progress');
    expect([p.paused, p.waiting]).toEqual([true, false]);
    p.play();
    expect([p.paused, p.waiting, m.currentTime]).toEqual([false, true, 21]);
  });
});

describe('the first play while it is recorded', () => {
  const late = () => {
    const p = new Playback();
    const { m } = attach(p);
    m.ready(40);
    p.liveEdge = 34;
    return p;
  };
  it('joins where it happens', () => {
    const p = late();
    p.play();
    expect(p.time).toBe(34);
  });
  it('is not taken away from a second somebody chose', () => {
    const p = late();
    p.seek(10);
    p.play();
    p.pause();
    p.play();
    expect(p.time).toBe(10);
  });
});
