import { describe, expect, it } from 'vitest';
import { WatchedRanges } from './views';

function watch(w: WatchedRanges, from: number, to: number, step = 0.25) {
  for (let t = from; t <= to; t += step) w.addPosition(t);
}

describe('what was watched', () => {
  it('is one stretch while it plays', () => {
    const w = new WatchedRanges();
    watch(w, 0, 5);
    expect(w.ranges).toEqual([[0, 5000]]);
  });
  it('is two after a jump, one again when the gap is watched', () => {
    const w = new WatchedRanges();
    watch(w, 0, 5);
    watch(w, 20, 25);
    expect(w.ranges).toEqual([
      [0, 5000],
      [20_000, 25_000],
    ]);
    watch(w, 4, 21);
    expect(w.ranges).toEqual([[0, 25_000]]);
  });
  it('counts a stretch seen twice once', () => {
    const w = new WatchedRanges();
    watch(w, 0, 5);
    w.endRange();
    watch(w, 0, 5);
    expect(w.ranges).toEqual([[0, 5000]]);
  });
  it('at double speed the steps are longer', () => {
    const w = new WatchedRanges();
    for (let t = 0; t <= 20; t += 2.5) w.addPosition(t, 2);
    expect(w.ranges).toEqual([[0, 20_000]]);
  });
  it('a pause and a look elsewhere are nothing', () => {
    const w = new WatchedRanges();
    w.addPosition(7);
    w.endRange();
    expect(w.ranges).toEqual([]);
  });
});

describe('what is told', () => {
  it('only when it is new, and again when it did not arrive', () => {
    const w = new WatchedRanges();
    expect(w.takeUnreported(false)).toBeNull();
    watch(w, 0, 2);
    expect(w.takeUnreported(false)).toEqual([[0, 2000]]);
    expect(w.takeUnreported(false)).toBeNull();
    expect(w.takeUnreported(true)).toEqual([[0, 2000]]);
    w.markUnreported();
    expect(w.takeUnreported(true)).toEqual([[0, 2000]]);
  });
  it('reading alone counts', () => expect(new WatchedRanges().takeUnreported(true)).toEqual([]));
});
