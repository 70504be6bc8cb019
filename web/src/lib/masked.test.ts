import { expect, test } from 'vitest';
import { buildCues } from '../player/cues';
import { withText } from '../transcript/change';
import { findMatches, wordsOf } from '../transcript/find';
import { glossaryReplacements } from '../transcript/marks';
import type { Segment } from './api/client';
import { shownSegment } from './masked';

const heard = { words: [{ start_ms: 900, end_ms: 1300, text: 'shite', p: null, masked: 's****' }], span: 1 };
const line: Segment = {
  id: 'a',
  start_ms: 0,
  end_ms: 1300,
  text: 'oh shit happens',
  masked_text: 'oh s*** happens',
  speaker: null,
  language: null,
  words: [
    { start_ms: 0, end_ms: 400, text: 'oh', p: 0.9 },
    { start_ms: 450, end_ms: 850, text: 'shit', masked: 's***', p: 0.9 },
    { start_ms: 900, end_ms: 1300, text: 'happens', p: 0.9, heard },
  ],
  version: 1,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
};

test('the page shows masked words everywhere but in the editor', () => {
  expect(wordsOf(line).map((w) => w.text)).toEqual(['oh', 's***', 'happens']);
  expect(wordsOf({ ...line, words: [] }).map((w) => w.text)).toEqual(['oh', 's***', 'happens']);
  expect(buildCues([line])[0]?.lines).toEqual(['oh s*** happens']);
  expect(buildCues([{ ...line, words: [] }])[0]?.lines).toEqual(['oh s*** happens']);
  expect(findMatches([line], 'shit')).toEqual([]);
  expect([...glossaryReplacements(line).values()]).toEqual(['s****']);
  expect(shownSegment(line).text).toBe('oh s*** happens');
  expect(line.text).toBe('oh shit happens'); // what the editor opens
});

test('a mask changes no time and no number of words', () => {
  const times = (s: Segment) => wordsOf(s).map((w) => [w.start_ms, w.end_ms]);
  expect(times(line)).toEqual(times({ ...line, masked_text: undefined }));
});

test('what was corrected is shown as it was typed until the server answers', () => {
  expect(wordsOf(withText(line, 'oh it happens')).map((w) => w.text)).toEqual(['oh', 'it', 'happens']);
});
