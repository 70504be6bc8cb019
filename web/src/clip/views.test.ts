import { describe, expect, it } from 'vitest';
import { Watched } from './views';

function watch(w: Watched, from: number, to: number, step = 0.25) {
  for (let t = from; t <= to; t += step) w.note(t);
}

describe('what was watched', () => {
  it('is one stretch while it plays', () => {
    const w = new Watched();
    watch(w, 0, 5);
    expect(w.ranges).toEqual([[0, 5000]]);
  });
  it('is two after a jump, one again when the gap is watched', () => {
    const w = new Watched();
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
    const w = new Watched();
    watch(w, 0, 5);
    w.stop();
    watch(w, 0, 5);
    expect(w.ranges).toEqual([[0, 5000]]);
  });
  it('at double speed the steps are longer', () => {
    const w = new Watched();
    for (let t = 0; t <= 20; t += 2.5) w.note(t, 2);
    expect(w.ranges).toEqual([[0, 20_000]]);
  });
  it('a pause and a look elsewhere are nothing', () => {
    const w = new Watched();
    w.note(7);
    w.stop();
    expect(w.ranges).toEqual([]);
  });
});

describe('what is told', () => {
  it('only when it is new, and again when it did not arrive', () => {
    const w = new Watched();
    expect(w.news(false)).toBeNull();
    watch(w, 0, 2);
    expect(w.news(false)).toEqual([[0, 2000]]);
    expect(w.news(false)).toBeNull();
    expect(w.news(true)).toEqual([[0, 2000]]);
    w.forget();
    expect(w.news(true)).toEqual([[0, 2000]]);
  });
  it('reading alone counts', () => expect(new Watched().news(true)).toEqual([]));
});
