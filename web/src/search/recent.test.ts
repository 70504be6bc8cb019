import { beforeEach, expect, test } from 'vitest';
import { forget, recent, remember } from './recent';

beforeEach(() => localStorage.clear());

test('remembers the latest first, each once, and no more than eight', () => {
  for (const q of ['a1', 'b1', 'a1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1']) remember('W', q);
  expect(recent('W')).toEqual(['i1', 'h1', 'g1', 'f1', 'e1', 'd1', 'c1', 'a1']);
  expect(recent('other')).toEqual([]);
  forget('W');
  expect(recent('W')).toEqual([]);
});

test('what was typed on is one search', () => {
  remember('W', 'tid');
  remember('W', 'tide');
  expect(remember('W', '  ')).toEqual(['tide']);
});

test('other people’s values are no searches', () => {
  localStorage.setItem('tidings.searches.W', '{"a":1}');
  expect(recent('W')).toEqual([]);
  localStorage.setItem('tidings.searches.W', '[1,"tide",null]');
  expect(recent('W')).toEqual(['tide']);
});
