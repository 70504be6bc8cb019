import { expect, test } from 'vitest';
import { firstName, greeting } from './welcome';

test.each([
  [4, 'Good evening'],
  [5, 'Good morning'],
  [11, 'Good morning'],
  [12, 'Good afternoon'],
  [18, 'Good evening'],
])('at %d: %s', (hour, words) => expect(greeting(hour)).toBe(words));

test('people are called by their first name', () => expect(firstName(' Ana Lima ')).toBe('Ana'));
