import { expect, it } from 'vitest';
import type { Segment } from '../lib/api/client';
import { fileName } from './recover';
import { mergeSegment } from './words.svelte';

const segment = (id: string, start_ms: number, text = id): Segment => ({
  id,
  start_ms,
  end_ms: start_ms + 900,
  text,
  speaker: null,
  language: null,
  version: 1,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
  words: [],
});

it('segments stand in the order of time, whichever way they came', () => {
  const first = mergeSegment([], [segment('b', 2000)]);
  expect(mergeSegment(first, [segment('a', 1000), segment('c', 3000)]).map((s) => s.id)).toEqual(['a', 'b', 'c']);
});

it('a segment that comes again replaces itself', () => {
  expect(mergeSegment([segment('a', 0, 'helo')], [segment('a', 0, 'hello')]).map((s) => s.text)).toEqual(['hello']);
});

it.each([
  ['', 'video/mp4;codecs=avc3,opus', /^Tidings \d{4}-\d\d-\d\d \d\d\.\d\d\.mp4$/],
  ['Why: a/b?', 'audio/webm;codecs=opus', /^Why {2}a b {2}2026-.*\.webm$/],
  ['Stand-up', 'audio/mp4;codecs=mp4a.40.2', /^Stand-up .*\.m4a$/],
])('a file is called after its title %j and type', (title, mime, name) => {
  expect(fileName({ title, mime, createdAt: Date.UTC(2026, 10, 24, 10) })).toMatch(name);
});
