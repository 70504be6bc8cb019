import { describe, expect, it } from 'vitest';
import { EncoderMonitor } from './encoderMonitor';
import type { MediaTime } from './mediaTime';
import { MediaMarks } from './mediaMarks';

const media = (ms: number, pictures = 0): MediaTime => ({
  isKnown: true,
  ms,
  video: pictures ? { from: 0, to: ms, samples: pictures } : null,
  audio: null,
});

/** Looks every 200 ms until `to`; what came of each second of the clock is given by `at`. Returns when it first stood still. */
function firstStall(to: number, at: (elapsed: number) => MediaTime, jumps: Record<number, number> = {}): [number, number] | null {
  const monitor = new EncoderMonitor();
  for (let elapsed = 0; elapsed <= to; elapsed += jumps[elapsed] ?? 200) {
    const since = monitor.stalledSince(elapsed, at(elapsed));
    if (since !== null) return [elapsed, since];
  }
  return null;
}

describe('a standstill', () => {
  it.each<[string, (elapsed: number) => MediaTime, [number, number] | null]>([
    ['an encoder that gives nothing', () => media(0), [5000, 0]],
    ['one that keeps up', (t) => media(t), null],
    ['one that is late by four seconds', (t) => media(Math.max(0, t - 4000)), null],
    ['one that gives all of two seconds at once', (t) => media(t - (t % 2000)), null],
    ['one that stops at 0:04', (t) => media(Math.min(t, 4000)), [9000, 4000]],
    ['a file whose times cannot be read', () => ({ ...media(0), isKnown: false }), null],
  ])('%s', (_, at, stall) => expect(firstStall(20_000, at)).toEqual(stall));

  it('is not seen in a page that was frozen with its encoder', () => {
    expect(firstStall(63_000, (t) => media(t < 60_000 ? Math.min(t, 2000) : 2000 + (t - 62_000)), { 2000: 60_000 })).toBeNull();
  });

  it('ends when media comes again', () => {
    const monitor = new EncoderMonitor();
    for (let t = 0; t <= 6000; t += 200) monitor.stalledSince(t, media(1000));
    expect(monitor.stalledSince(6200, media(1000))).toBe(1000);
    expect(monitor.stalledSince(6400, media(6000))).toBeNull();
  });
});

describe('pictures a second', () => {
  const rate = (perSecond: number, seconds: number) => {
    const monitor = new EncoderMonitor();
    let last: number | null = null;
    for (let s = 0; s <= seconds; s++) last = monitor.picturesPerSecond(media(s * 1000, Math.round(s * perSecond) + 1));
    return last;
  };
  it.each([
    [30, 4, null],
    [30, 12, 30],
    [3, 12, 3],
    [9, 60, 9],
  ])('%d a second after %d s', (perSecond, seconds, seen) => expect(rate(perSecond, seconds)).toBe(seen));

  it('are those of the last seconds, not of all', () => {
    const monitor = new EncoderMonitor();
    for (let s = 0; s < 60; s++) monitor.picturesPerSecond(media(s * 1000, s * 30 + 1));
    for (let s = 0; s < 6; s++) monitor.picturesPerSecond(media((60 + s) * 1000, 60 * 30 + s * 4));
    expect(monitor.picturesPerSecond(media(66_000, 60 * 30 + 24))).toBe(4);
  });

  it('are counted anew after a change', () => {
    const monitor = new EncoderMonitor();
    for (let s = 0; s < 10; s++) monitor.picturesPerSecond(media(s * 1000, s * 3 + 1));
    monitor.resetPictures();
    expect(monitor.picturesPerSecond(media(10_000, 40))).toBeNull();
  });

  it('are unknown where there is no picture', () => expect(new EncoderMonitor().picturesPerSecond(media(9000))).toBeNull());
});

describe('marks', () => {
  it('say how many seconds the first bytes are', () => {
    const marks = new MediaMarks();
    marks.add(120, media(0));
    marks.add(1000, media(1000));
    marks.add(1000, media(2000));
    expect([0, 119, 120, 1500, 2119, 2120].map((durable) => marks.durableMs(durable))).toEqual([0, 0, 0, 1000, 1000, 2000]);
  });

  it('say that nothing is there when all is sent again', () => {
    const marks = new MediaMarks();
    marks.add(1000, media(1000));
    expect(marks.durableMs(1000)).toBe(1000);
    expect(marks.durableMs(0)).toBe(0);
  });
});
