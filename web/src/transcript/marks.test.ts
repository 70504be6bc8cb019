import { expect, it } from 'vitest';
import type { Segment } from '../lib/api/client';
import { fillersOf } from './marks';

const words = [
  ['so', 1000, 1200],
  ['um', 1300, 1600],
  ['uh', 1600, 1900],
  ['yes', 1900, 2200],
] as const;
const s: Segment = {
  id: 's',
  start_ms: 1000,
  end_ms: 2200,
  text: 'so um uh yes',
  speaker: null,
  language: null,
  version: 1,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
  words: words.map(([text, start_ms, end_ms]) => ({ text, start_ms, end_ms, p: null })),
};

it('finds fillers by their times, several in a row as one', () => {
  expect([...fillersOf(s, [{ start_ms: 1300, end_ms: 1900 }])]).toEqual([1, 2]);
  expect([...fillersOf(s, [{ start_ms: 1300, end_ms: 1600 }])]).toEqual([1]);
  expect(fillersOf(s, []).size).toBe(0);
  expect(
    fillersOf(s, [
      { start_ms: 0, end_ms: 1000 },
      { start_ms: 2200, end_ms: 9000 },
    ]).size,
  ).toBe(0);
});
