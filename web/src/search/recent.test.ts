// @vitest-environment happy-dom

import { beforeEach, expect, test } from 'vitest';
import { clearRecent, recentSearches, addRecent } from './recent';

beforeEach(() => localStorage.clear());

test('remembers the latest first, each once, and no more than eight', () => {
  for (const q of ['a1', 'b1', 'a1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1']) addRecent('W', q);
  expect(recentSearches('W')).toEqual(['i1', 'h1', 'g1', 'f1', 'e1', 'd1', 'c1', 'a1']);
  expect(recentSearches('other')).toEqual([]);
  clearRecent('W');
  expect(recentSearches('W')).toEqual([]);
});

test('what was typed on is one search', () => {
  addRecent('W', 'tid');
  addRecent('W', 'tide');
  expect(addRecent('W', '  ')).toEqual(['tide']);
});

test('other people’s values are no searches', () => {
  localStorage.setItem('tidings.searches.W', '{"a":1}');
  expect(recentSearches('W')).toEqual([]);
  localStorage.setItem('tidings.searches.W', '[1,"tide",null]');
  expect(recentSearches('W')).toEqual(['tide']);
});
