import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureDrain, LONGEST_CATCH_UP_MS, LONGEST_DRAIN_MS } from './captureDrain';
import type { SpoolMedia } from './messages';

const sound = (to: number): SpoolMedia => ({
  time: { isKnown: true, ms: to, video: null, audio: { from: 0, to, samples: 9 } },
  durableMs: 0,
  gap: null,
});

describe('what is captured before a click', () => {
  let drain: CaptureDrain;
  let graph: number | null; // s
  const capture = { graphTime: () => graph };
  const then = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    then.mockClear();
    graph = null;
    drain = new CaptureDrain();
  });
  afterEach(() => vi.useRealTimers());

  it('is waited for until the file has it', () => {
    drain.begin(5000, capture, then);
    vi.advanceTimersByTime(200);
    drain.addMedia(sound(5100), 5000); // of which the last may have been said before
    expect(then).not.toHaveBeenCalled();
    drain.addMedia(sound(5200), 5000);
    expect(then).toHaveBeenCalledOnce();
    expect(drain.ms).toBe(200);
  });
  it('has the time to come where the file does not tell', () => {
    drain.begin(5000, capture, then);
    vi.advanceTimersByTime(480);
    expect(then).not.toHaveBeenCalled();
    vi.advanceTimersByTime(40);
    expect(then).toHaveBeenCalledOnce();
  });
  it('has more time where the file was late before', () => {
    for (const ms of [1000, 2000]) drain.addMedia(sound(ms), ms + 400);
    drain.begin(5000, capture, then);
    vi.advanceTimersByTime(960);
    expect(then).not.toHaveBeenCalled();
    vi.advanceTimersByTime(80);
    expect(then).toHaveBeenCalledOnce();
  });
  it('has more time while the audio graph is late', () => {
    graph = 7;
    drain.begin(5000, capture, then);
    graph = 7.2;
    vi.advanceTimersByTime(1000);
    expect(then).not.toHaveBeenCalled();
    graph = 7.31;
    vi.advanceTimersByTime(40);
    expect(then).toHaveBeenCalledOnce();
  });
  it('is not waited for without end', () => {
    graph = 7; // stands still
    drain.begin(5000, capture, then);
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect(then).toHaveBeenCalledOnce();
  });
  /** A file that is three seconds late, and grows by a second each second until it has so much (ms). */
  const growUntil = (end: number) => {
    for (const ms of [1000, 2000]) drain.addMedia(sound(ms), ms + 3000);
    drain.begin(5000, capture, then);
    for (let ms = 3000; ms <= end; ms += 1000) {
      vi.advanceTimersByTime(1000);
      drain.addMedia(sound(ms), 5000);
    }
  };
  it('is waited for while an encoder that is far behind catches up', () => {
    growUntil(5000);
    expect(then).not.toHaveBeenCalled();
    drain.addMedia(sound(5200), 5000);
    expect(then).toHaveBeenCalledOnce();
  });
  it('is not waited for when the encoder stands still', () => {
    growUntil(4000);
    vi.advanceTimersByTime(1560);
    expect(then).toHaveBeenCalledOnce();
  });
  it('is not waited for when the encoder never gets there', () => {
    for (const ms of [1000, 2000]) drain.addMedia(sound(ms), ms + 9000);
    drain.begin(5000, capture, then);
    for (let at = 0; at < LONGEST_CATCH_UP_MS; at += 500) {
      expect(then).not.toHaveBeenCalled();
      drain.addMedia(sound(2001 + at / 10), 5000);
      vi.advanceTimersByTime(500);
    }
    expect(then).toHaveBeenCalledOnce();
  });
});

describe('clicks that follow each other', () => {
  const capture = { graphTime: () => null };
  const [pause, stop] = [vi.fn(), vi.fn()];
  let drain: CaptureDrain;
  beforeEach(() => {
    vi.useFakeTimers();
    for (const f of [pause, stop]) f.mockClear();
    drain = new CaptureDrain();
    drain.begin(5000, capture, pause);
    vi.advanceTimersByTime(100);
  });
  afterEach(() => vi.useRealTimers());

  it('Stop soon after Pause: all of it is stopped, once', () => {
    drain.begin(5000, capture, stop);
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect([pause, stop].map((f) => f.mock.calls.length)).toEqual([0, 1]);
  });
  it('Stop in a pause: at once, as all is there', () => {
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect(pause).toHaveBeenCalledOnce();
    drain.begin(5000, capture, stop);
    expect(stop).toHaveBeenCalledOnce();
  });
  it('“Go on” soon after Pause: it was never paused, and the time between counts', () => {
    expect(drain.resume()).toBe(100);
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect(pause).not.toHaveBeenCalled();
    expect(drain.ms).toBe(0);
  });
  it('a page that is left waits for nothing', () => {
    drain.finish();
    expect(pause).toHaveBeenCalledOnce();
    drain.finish();
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect(pause).toHaveBeenCalledOnce();
  });
  it('Discard: nothing happens any more', () => {
    drain.cancel();
    vi.advanceTimersByTime(LONGEST_DRAIN_MS);
    expect(pause).not.toHaveBeenCalled();
  });
});
