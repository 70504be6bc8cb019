import { describe, expect, it } from 'vitest';
import type { Segment } from '../lib/api/client';
import { foldText } from '../lib/fold';
import { groupBySegment, findMatches, nearestMatch, wordsOf } from './find';

function said(id: string, text: string, from = 0): Segment {
  const words = text.split(' ').map((t, i) => ({ text: t, start_ms: from + i * 500, end_ms: from + i * 500 + 400, p: 0.9 }));
  const unedited = { version: 1, origin: 'machine', edited_by: null, edited_at: null } as const;
  return { id, start_ms: from, end_ms: from + words.length * 500, text, speaker: null, language: null, words, ...unedited };
}
const talk = [
  said('a', 'Ask not what your country can do for you,'),
  said('b', 'ask what you can do for your country. Zürich isn’t far.', 5000),
];

describe('find', () => {
  it.each([
    [
      'country',
      [
        ['a', 4, 4],
        ['b', 7, 7],
      ],
    ],
    [
      'CAN DO',
      [
        ['a', 5, 6],
        ['b', 3, 4],
      ],
    ],
    [
      'your country',
      [
        ['a', 3, 4],
        ['b', 6, 7],
      ],
    ],
    [
      'your coun',
      [
        ['a', 3, 4],
        ['b', 6, 7],
      ],
    ],
    ['zurich', [['b', 8, 8]]],
    ["isn't", [['b', 9, 9]]],
    [
      'untr',
      [
        ['a', 4, 4],
        ['b', 7, 7],
      ],
    ],
    ['you ask', []], // not across segments
    ['moon', []],
    ['', []],
    ['  ,. ', []],
  ])('%s', (query, want) => expect(findMatches(talk, query).map((f) => [f.segment, f.from, f.to])).toEqual(want));

  it('counts a repeated word once per place', () => expect(findMatches([said('x', 'go go go go')], 'go go')).toHaveLength(2));
  it('finds in a segment without word times', () =>
    expect(findMatches([{ ...said('x', 'ask not what'), words: [] }], 'not')).toEqual([{ segment: 'x', from: 1, to: 1 }]));
});

describe('nearest', () => {
  const found = findMatches(talk, 'country');
  it.each([
    [0, 0],
    [3, 1],
    [99, 0],
  ])('from %s s goes to hit %s', (t, want) => expect(nearestMatch(found, talk, t)).toBe(want));
  it('is -1 without hits', () => expect(nearestMatch([], talk, 0)).toBe(-1));
});

it('folds case, marks and ligatures', () => expect(foldText('Straße, ﬁne ÉLAN!')).toBe('strasse fine elan'));
it('cuts an edited text into words', () =>
  expect(wordsOf({ ...said('x', 'one two'), words: [] }).map((w) => w.text)).toEqual(['one', 'two']));
it('sorts hits by segment', () =>
  expect([...groupBySegment(findMatches(talk, 'you')).entries()].map(([id, hits]) => [id, hits.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ]));
