import { expect, it } from 'vitest';
import { plainText } from './plain';

it.each([
  ['Points from **one** *small* change', 'Points from one small change'],
  ['see `noindex`\n\nand 0:34 at https://example.org/a', 'see noindex and 0:34 at https://example.org/a'],
  ['@[Ana Lima](01JD0000000000000000000000) look', '@Ana Lima look'],
  ['<b>not markup</b>', '<b>not markup</b>'],
  ['', ''],
])('%s', (body, want) => expect(plainText(body)).toBe(want));
