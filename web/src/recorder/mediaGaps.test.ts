import { expect, it } from 'vitest';
import { MediaGaps } from './mediaGaps';

const upTo = (to: number, sound = to) => ({
  isKnown: true,
  ms: Math.max(to, sound),
  video: { from: 0, to, samples: 1 },
  audio: { from: 0, to: sound, samples: 1 },
});

it('says what is missing once something of the second encoder has come', () => {
  const gaps = new MediaGaps();
  expect(gaps.join(upTo(4000, 4100), 5200)).toEqual({ startMs: 5200, skipMs: 0 });
  gaps.onMedia(upTo(4000, 4100));
  expect(gaps.last).toBeNull();
  gaps.onMedia(upTo(4000, 5300));
  expect(gaps.last).toEqual({ number: 1, atMs: 4100, missedMs: 1100 });
});

it('counts one that gave nothing into the gap', () => {
  const gaps = new MediaGaps();
  gaps.join(upTo(4000), 5000);
  expect(gaps.join(upTo(4000), 10_000)).toEqual({ startMs: 10_000, skipMs: 0 });
  gaps.onMedia(upTo(10_100));
  expect(gaps.last).toEqual({ number: 1, atMs: 4000, missedMs: 6000 });
});

it('moves the second one behind the end of the first one, by little', () => {
  const gaps = new MediaGaps();
  expect(gaps.join(upTo(4000.2), 3900)).toEqual({ startMs: 4001, skipMs: 0 });
  gaps.onMedia(upTo(4010));
  expect(gaps.last?.missedMs).toBe(1);
});

it('leaves out what both have where that is much: the clip stays as long as the clock shows', () => {
  const gaps = new MediaGaps();
  expect(gaps.join(upTo(7000), 4000)).toEqual({ startMs: 4000, skipMs: 3000 });
  gaps.onMedia(upTo(7010));
  expect(gaps.last?.missedMs).toBe(0);
});
