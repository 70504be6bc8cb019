import { expect, test } from 'vitest';
import { hue, initials } from './avatar';

test.each([
  ['Ana Lima Souza', 'AS'],
  ['ana', 'A'],
  ['  Jo  Ng ', 'JN'],
  ['李 小龙', '李小'],
  ['', '?'],
])('initials of %s are %s', (name, two) => expect(initials(name)).toBe(two));

test('a hue stays with its id', () => {
  expect(hue('01K')).toBe(hue('01K'));
  expect(hue('01K')).not.toBe(hue('01L'));
});
