import { expect, it } from 'vitest';
import { skipSpoken, silenceEnd, silenceWithin } from './silences';

const quiet = [
  { start: 2, end: 5 },
  { start: 8, end: 8.3 },
  { start: 20, end: 30 },
];

it.each([
  [0, null],
  [1.99, null],
  [2, 5],
  [4.5, 5],
  [4.7, null],
  [5, null],
  [8, null],
  [25, 30],
])('at %s goes on at %s', (t, want) => expect(silenceEnd(quiet, t)).toBe(want));
it('counts what a part of the clip saves', () => {
  expect(silenceWithin(quiet, { start: 0, end: 100 })).toBeCloseTo(13.3);
  expect(silenceWithin(quiet, { start: 3, end: 25 })).toBeCloseTo(7.3);
});
it.each([
  [0, 1, 1],
  [1, 5, 9.3],
  [6, -2, 1],
  [6, -1, 2],
  [3, -1, 1],
  [0, -5, -5],
  [15, 10, 35],
])('from %s by %s to %s', (t, by, want) => expect(skipSpoken(quiet, t, by)).toBeCloseTo(want));
