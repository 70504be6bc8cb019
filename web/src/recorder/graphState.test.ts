/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nextGraph, type GraphAction, type GraphState } from './graphState';

const states: GraphState[] = ['unused', 'starting', 'running', 'stalled', 'closed'];
const actions: GraphAction[] = ['want', 'advance', 'stand', 'close'];

/** All that changes something; everything else must not. */
const transitions: [GraphState, GraphAction, GraphState][] = [
  ['unused', 'want', 'starting'],
  ['unused', 'advance', 'running'],
  ['unused', 'close', 'closed'],
  ['starting', 'advance', 'running'],
  ['starting', 'stand', 'stalled'],
  ['starting', 'close', 'closed'],
  ['running', 'stand', 'stalled'],
  ['running', 'close', 'closed'],
  ['stalled', 'advance', 'running'],
  ['stalled', 'close', 'closed'],
];

describe.each(states)('a graph that is %s', (from) => {
  it.each(actions)('%s', (action) => {
    const to = transitions.find(([f, a]) => f === from && a === action)?.[2] ?? from;
    expect(nextGraph(from, action)).toBe(to);
  });
});

it('docs/recording.md has each transition, and no other', () => {
  const page = readFileSync('../docs/recording.md', 'utf8').split('## The states of the audio graph')[1]!.split('\n## ')[0]!;
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \|[^|]*\| `(\w+)` \|/gm)].map(([, from, action, to]) => [from, action, to]);
  expect(rows.sort()).toEqual([...transitions].sort());
});
