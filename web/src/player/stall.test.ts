import { describe, expect, it } from 'vitest';
import { StallDetector } from './stall';

const playing = { paused: false, ended: false, seeking: false, readyState: 4, currentTime: 3 };

/** What the detector answers to each reading of the element: [ms, changes since the reading before]. */
function readAll(readings: [number, Partial<typeof playing>][]): boolean[] {
  const detector = new StallDetector();
  const media = { ...playing };
  return readings.map(([now, change]) => detector.isStalled(Object.assign(media, change), now));
}

describe('an element waits', () => {
  it('when its position stays and it has no data', () =>
    expect(
      readAll([
        [0, {}],
        [16, { readyState: 2 }],
        [400, {}],
        [500, { readyState: 4 }],
      ]),
    ).toEqual([false, false, true, false]));
  it('from the start, when nothing has played yet', () => expect(readAll([[0, { readyState: 0, currentTime: 0 }]])).toEqual([true]));
  it('while it seeks on and on: a position that is set is no progress', () =>
    expect(
      readAll([
        [0, {}],
        [200, { seeking: true, currentTime: 15 }],
        [300, { currentTime: 16 }],
        [600, { currentTime: 17 }],
        [700, { seeking: false }],
      ]),
    ).toEqual([false, false, true, true, false]));
});

describe('an element does not wait', () => {
  it('when it plays on after a seek with a readyState that says otherwise, as WebKit does', () =>
    expect(
      readAll([
        [0, {}],
        [16, { seeking: true, currentTime: 15 }],
        [300, { readyState: 2 }],
        [340, { seeking: false, currentTime: 15.01 }],
        [600, { currentTime: 15.18 }],
        [850, { currentTime: 15.43 }],
      ]),
    ).toEqual([false, false, true, false, false, false]));
  it.each([{ paused: true }, { ended: true }])('when it is %o', (change) =>
    expect(readAll([[0, { ...change, readyState: 2, currentTime: 0 }]])).toEqual([false]),
  );
});
