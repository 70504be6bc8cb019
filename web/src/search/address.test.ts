import { expect, test } from 'vitest';
import { isSearchable, readAddress, textOf, writeAddress } from './address';

test.each([
  ['', '', 'relevance'],
  ['?q=tide&sort=newest', 'tide', 'newest'],
  ['?q=from%3Ame+tide', 'from:me tide', 'relevance'],
  ['?q=tide&kind=voice&author=me&from=2026-01-01&to=2026-02-28', 'from:me kind:voice after:2025-12-31 before:2026-03-01 tide', 'relevance'],
  ['?from=yesterday&sort=best', '', 'relevance'],
])('reads %s', (search, text, sort) => {
  const query = readAddress(search);
  expect([textOf(query), query.sort]).toEqual([text, sort]);
});

test('what is written is read again', () => {
  const query = readAddress('?q=' + encodeURIComponent('from:"Ana Maria" "two cities" -draft & more'));
  const address = writeAddress(query);
  expect(readAddress(address.slice(address.indexOf('?')))).toEqual(query);
  expect(writeAddress({ chips: [], words: ' ', sort: 'relevance' })).toBe('/search');
});

test('a sort alone asks nothing', () => {
  expect(isSearchable({ chips: [], words: '  ', sort: 'newest' })).toBe(false);
  expect(isSearchable({ chips: [{ key: 'kind', value: 'voice' }], words: '', sort: 'newest' })).toBe(true);
});
