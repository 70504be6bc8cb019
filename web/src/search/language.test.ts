import { expect, test } from 'vitest';
import { between, join, open, put, split, written, type Chip } from './language';

const show = (chips: Chip[]) => chips.map(written).join(' ');

test.each([
  ['', '', ''],
  ['plain words', '', 'plain words'],
  ['from:ana rollback', 'from:ana', 'rollback'],
  ['rollback from:ana plan', 'from:ana', 'rollback plan'],
  ['from:"Ana Maria" tide', 'from:"Ana Maria"', 'tide'],
  ['FROM:me in:#ops', 'from:me in:#ops', ''],
  ['tag:ops tide TAG:ops', 'tag:ops', 'tide '],
  ['in:"#big launch" x', 'in:"#big launch"', 'x'],
  ['“from:ana”', '', '“from:ana”'],
  ['"from:ana" -from:bo', '', '"from:ana" -from:bo'],
  ['http://example.org note:x', '', 'http://example.org note:x'],
  ['from: ana', '', 'from: ana'],
  ['"never closed from:ana', '', '"never closed from:ana'],
])('%s', (text, chips, words) => {
  const got = split(text);
  expect([show(got.chips), got.words]).toEqual([chips, words]);
});

test('what is still being written is no chip yet', () => {
  expect(split('tide from:an', true)).toEqual({ chips: [], words: 'tide from:an' });
  expect(split('tide from:an ', true)).toEqual({ chips: [{ key: 'from', value: 'an' }], words: 'tide ' });
  expect(split('from:"Ana M', true).chips).toEqual([]);
  expect(split('from:"Ana M"', true).chips).toEqual([{ key: 'from', value: 'Ana M' }]);
  expect(open('tide from:an')).toEqual({ key: 'from', value: 'an', before: 'tide ' });
  expect(open('from:')).toEqual({ key: 'from', value: '', before: '' });
  expect(open('from:an ')).toBeNull();
  expect(open('-from:an')).toBeNull();
  expect(open('tide')).toBeNull();
});

test('what is written is read again', () => {
  const chips: Chip[] = [
    { key: 'from', value: 'Ana Maria' },
    { key: 'is', value: 'unseen' },
  ];
  const q = join(chips, ' "low tide" ebb ');
  expect(q).toBe('from:"Ana Maria" is:unseen "low tide" ebb');
  expect(split(q)).toEqual({ chips, words: '"low tide" ebb' });
});

test('of most filters there is one at a time', () => {
  let chips = put([], { key: 'from', value: 'ana' });
  chips = put(chips, { key: 'from', value: 'bo' });
  chips = put(chips, { key: 'is', value: 'unseen' });
  chips = put(chips, { key: 'is', value: 'mine' });
  chips = put(chips, { key: 'in', value: 'titles' });
  chips = put(chips, { key: 'in', value: '#ops' });
  chips = put(chips, { key: 'in', value: '#dev' });
  expect(show(chips)).toBe('from:bo is:unseen is:mine in:titles in:#dev');
});

test('a problem points at characters, not at halves of them', () => {
  expect(between('🎉 from:zoe x', '2', '10')).toBe('from:zoe');
  expect(between('x', undefined, '3')).toBe('');
});
