import { describe, expect, it } from 'vitest';
import { decodeMentions, encodeMentions, insertMention, mentionAt } from './mentions';

const ana = { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', name: 'Ana Lima' };
const bo = { id: '01BX5ZZKBKACTAV9WEVGEMMVRZ', name: 'Ana' };

describe('what is typed at the caret', () => {
  it.each<[string, string | null]>([
    ['@', ''],
    ['hi @an', 'an'],
    ['hi @Ana L', 'Ana L'],
    ['(@bo', 'bo'],
    ['a@b', null],
    ['@ana lima is', null],
    ['hi', null],
    ['@Åse', 'Åse'],
    ['@zoe\u0308', 'zoe\u0308'], // decomposed, as macOS types it
    ['@Kaʻiu', 'Kaʻiu'],
    ['@a\n', null],
  ])('%j: %j', (text, q) => expect(mentionAt(text, text.length)?.q ?? null).toBe(q));
  it('looks only before the caret', () => expect(mentionAt('@an later', 3)).toEqual({ from: 0, q: 'an' }));
});

it('puts the person in its place', () => {
  expect(insertMention('hi @an there', { from: 3, q: 'an' }, ana)).toEqual({ text: 'hi @Ana Lima there', caret: 13 });
  expect(insertMention('@', { from: 0, q: '' }, ana)).toEqual({ text: '@Ana Lima ', caret: 10 });
});

describe('what is sent', () => {
  it('takes the longest name', () =>
    expect(encodeMentions('@Ana Lima and @Ana', [bo, ana])).toBe(`@[Ana Lima](${ana.id}) and @[Ana](${bo.id})`));
  it('leaves words that only begin like a name', () => expect(encodeMentions('@Anabel', [bo])).toBe('@Anabel'));
  it('leaves names nobody picked', () => expect(encodeMentions('@Ana', [])).toBe('@Ana'));
  it('tells two of one name apart by their order', () =>
    expect(encodeMentions('@Ana @Ana @Ana', [bo, { ...bo, id: ana.id }])).toBe(`@[Ana](${bo.id}) @[Ana](${ana.id}) @[Ana](${ana.id})`));
  it('never breaks its own form', () => expect(encodeMentions('@A]b', [{ id: ana.id, name: 'A]b' }])).toBe(`@[A b](${ana.id})`));
  it('comes back as it was', () => {
    const body = `hi @[Ana Lima](${ana.id}), and @[Ana](${bo.id})!\n@nobody`;
    const { text, picked } = decodeMentions(body);
    expect(text).toBe('hi @Ana Lima, and @Ana!\n@nobody');
    expect(encodeMentions(text, picked)).toBe(body);
  });
});
