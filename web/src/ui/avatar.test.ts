import { expect, test } from 'vitest';
import { authorHue, initials } from './avatar';

test.each([
  ['Ana Lima Souza', 'AS'],
  ['ana', 'A'],
  ['  Jo  Ng ', 'JN'],
  ['李 小龙', '李小'],
  ['', '?'],
])('initials of %s are %s', (name, two) => expect(initials(name)).toBe(two));

test('a hue stays with its id', () => {
  expect(authorHue('01K')).toBe(authorHue('01K'));
  expect(authorHue('01K')).not.toBe(authorHue('01L'));
});
