import { describe, expect, it } from 'vitest';
import { commentOf, person } from './testing';
import { patchEntry, countReadable, commentAt, upsertEntry, mergeServerState, removeEntry, buildThreads, type Entry } from './tree';

let clockwork = 0;
function entry(id: string, fields: Partial<Entry> = {}): Entry {
  clockwork++;
  return commentOf(id, {
    author: person('ana', 'Ana'),
    created_at: `2026-11-01T00:00:00.${String(clockwork).padStart(3, '0')}Z`,
    ...fields,
  });
}
const shape = (list: Entry[]) => buildThreads(list).map((t) => [t.root.id, ...t.replies.map((r) => r.id)].join(' '));

describe('threads', () => {
  it('stand in the order of the clip, remarks on the whole first', () =>
    expect(
      shape([entry('late', { at_ms: 9000 }), entry('early', { at_ms: 100 }), entry('whole'), entry('early2', { at_ms: 100 })]),
    ).toEqual(['whole', 'early', 'early2', 'late']));
  it('have one level of replies, oldest first', () =>
    expect(shape([entry('a'), entry('b', { parent_id: 'a' }), entry('c', { parent_id: 'b' }), entry('d', { parent_id: 'a' })])).toEqual([
      'a b c d',
    ]));
  it('keep a deleted root only for its replies', () => {
    expect(shape([entry('a', { deleted: true }), entry('b', { parent_id: 'a' })])).toEqual(['a b']);
    expect(shape([entry('a', { deleted: true }), entry('b', { parent_id: 'a', deleted: true })])).toEqual([]);
    expect(shape([entry('a', { deleted: true })])).toEqual([]);
  });
  it('do not lose a reply whose parent is unknown, nor hang on a ring', () => {
    expect(shape([entry('b', { parent_id: 'gone' })])).toEqual(['b']);
    expect(shape([entry('a', { parent_id: 'b' }), entry('b', { parent_id: 'a' })]).length).toBeLessThanOrEqual(2);
  });
});

describe('what the server tells', () => {
  it('adds and replaces', () => {
    const list = upsertEntry(upsertEntry([], entry('a')), entry('a', { body: 'new', version: 2 }));
    expect(list.map((c) => c.body)).toEqual(['new']);
  });
  it('never goes back to an older version', () =>
    expect(upsertEntry([entry('a', { body: 'new', version: 3 })], entry('a', { body: 'old', version: 2 }))[0]?.body).toBe('new'));
  it('takes the place of our own entry on its way', () => {
    const list = upsertEntry([entry('tmp', { body: 'hi', sending: 'pending' })], entry('real', { body: 'hi' }));
    expect(list.map((c) => c.id)).toEqual(['real']);
    expect(upsertEntry(list, entry('real', { body: 'hi' }))).toHaveLength(1); // the answer after the event
  });
  it('leaves our entry when somebody else writes the same', () =>
    expect(
      upsertEntry([entry('tmp', { body: '+1', sending: 'pending' })], entry('x', { body: '+1', author: person('bo', 'Bo') })),
    ).toHaveLength(2));
  it('takes only one of two equal ones on their way', () => {
    const both = [entry('t1', { body: '+1', sending: 'pending' }), entry('x', { body: '+1' })];
    expect(
      upsertEntry(both, entry('x', { body: '+1', version: 2 }))
        .map((c) => c.id)
        .sort(),
    ).toEqual(['t1', 'x']);
  });
  it('loaded anew keeps what failed and drops what is gone', () =>
    expect(
      mergeServerState([entry('gone'), entry('tmp', { sending: 'failed', body: 'mine' })], [entry('a')])
        .map((c) => c.id)
        .sort(),
    ).toEqual(['a', 'tmp']));
});

it('changes and removes one', () => {
  const list = [entry('a'), entry('b')];
  expect(patchEntry(list, 'a', { sending: 'failed' })[0]?.sending).toBe('failed');
  expect(removeEntry(list, 'a').map((c) => c.id)).toEqual(['b']);
  expect(list).toHaveLength(2);
});

it('counts what can be read', () => expect(countReadable([entry('a'), entry('b', { deleted: true })])).toBe(1));

describe('passing', () => {
  const list = [
    entry('a', { at_ms: 1000 }),
    entry('b', { at_ms: 3000 }),
    entry('range', { at_ms: 20_000, until_ms: 40_000 }),
    entry('whole'),
    entry('reply', { at_ms: 1500, parent_id: 'a' }),
  ];
  it.each([
    [500, undefined],
    [1000, 'a'],
    [3000, 'b'],
    [6999, 'b'],
    [7000, undefined],
    [39_000, 'range'],
    [40_000, undefined],
  ])('at %s ms: %s', (ms, want) => expect(commentAt(list, ms)?.id).toBe(want));
});
