import { expect, test } from 'vitest';
import { asks, readAddress, writeAddress } from './address';

const nothing = { q: '', author: '', kind: '' as const, from: '', to: '', sort: 'relevance' as const };

test.each([
  ['', nothing],
  ['?q=tide&kind=voice&author=me&from=2026-01-01&to=2026-02-01&sort=newest', { q: 'tide', author: 'me', kind: 'voice', from: '2026-01-01', to: '2026-02-01', sort: 'newest' }],
  ['?kind=hologram&from=yesterday&sort=best', nothing],
])('reads %s', (search, query) => expect(readAddress(search)).toEqual(query));

test('what is written is read again', () => {
  const query = { ...nothing, q: '"two cities" -draft & more', author: '01ARZ3NDEKTSV4RRFFQ69G5FAV', kind: 'screen' as const, from: '2026-01-01' };
  const address = writeAddress(query);
  expect(readAddress(address.slice(address.indexOf('?')))).toEqual(query);
  expect(writeAddress(nothing)).toBe('/search');
});

test('a sort alone asks nothing', () => {
  expect(asks({ ...nothing, sort: 'newest' })).toBe(false);
  expect(asks({ ...nothing, q: '  ' })).toBe(false);
  expect(asks({ ...nothing, kind: 'voice' })).toBe(true);
});
