import { expect, test } from 'vitest';
import { kindName, readAddress, writeAddress } from './address';

test.each([
  ['', { view: 'all', kind: '', title: '' }],
  ['?view=trash&kind=voice&title=tide', { view: 'trash', kind: 'voice', title: 'tide' }],
  ['?view=others&kind=hologram', { view: 'all', kind: '', title: '' }],
])('reads %s', (search, filter) => expect(readAddress(search)).toEqual(filter));

test('what is written is read again', () => {
  const filter = { view: 'mine' as const, kind: 'screen' as const, title: 'a & b' };
  expect(readAddress(writeAddress(filter).replace('/library', ''))).toEqual(filter);
  expect(writeAddress({ view: 'all', kind: '', title: ' ' })).toBe('/library');
});

test('kinds have names', () => expect(kindName('screen_camera')).toBe('Screen and camera'));
