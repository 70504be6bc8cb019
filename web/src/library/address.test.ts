import { expect, test } from 'vitest';
import { kindName, readAddress, writeAddress } from './address';

test.each([
  ['', { view: 'all', kind: '', channel: '', title: '' }],
  ['?view=trash&kind=voice&title=tide', { view: 'trash', kind: 'voice', channel: '', title: 'tide' }],
  ['?view=others&kind=hologram', { view: 'all', kind: '', channel: '', title: '' }],
])('reads %s', (search, filter) => expect(readAddress(search)).toEqual(filter));

test('what is written is read again', () => {
  const filter = { view: 'mine' as const, kind: 'screen' as const, channel: '01HZZZZZZZZZZZZZZZZZZZZZZZ', title: 'a & b' };
  expect(readAddress(writeAddress(filter).replace('/library', ''))).toEqual(filter);
  expect(writeAddress({ view: 'all', kind: '', channel: '', title: ' ' })).toBe('/library');
});

test('kinds have names', () => expect(kindName('screen_camera')).toBe('Screen and camera'));
