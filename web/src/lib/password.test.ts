import { expect, test } from 'vitest';
import { estimateStrength } from './password';

test.each([
  ['', 0],
  ['short', 0],
  ['password1', 1],
  ['aaaaaaaaaaaa', 1],
  ['12345678', 1],
  ['ana-harbour', 1],
  ['tuesday-goose', 3],
  ['kd93mfql', 2],
  ['correct horse battery staple', 3],
])('%s scores %d', (password, score) => {
  expect(estimateStrength(password, ['Ana Lima', 'ana@harbour.example']).score).toBe(score);
});

test('says how long it must be', () => {
  expect(estimateStrength('abc').word).toBe('At least 8 characters');
});
