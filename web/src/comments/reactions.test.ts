// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClipReactions, reactorNames, reactionsBetween, toggleReaction, type ClipReaction } from './reactions.svelte';

const clip = '01JD0000000000000000000000';
const at = (at_ms: number | null, emoji = '👍', fields: Partial<ClipReaction> = {}): ClipReaction => ({
  emoji,
  at_ms,
  count: 1,
  mine: false,
  people: ['Ana'],
  ...fields,
});
let server: (r: Request) => Response;
const asked: string[] = [];
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (r: Request) => {
    asked.push(`${r.method} ${new URL(r.url).pathname}${new URL(r.url).search}`);
    return server(r);
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('toggled', () => {
  const flip = (list: ClipReaction[]) =>
    toggleReaction(
      list,
      (r) => r.emoji === '👍',
      () => at(1, '👍', { mine: true, people: ['Me'] }),
      'Me',
    ).map((r) => `${r.emoji}${r.count}${r.mine ? '!' : ''} ${r.people}`);
  it('gives the first', () => expect(flip([])).toEqual(['👍1! Me']));
  it('joins others', () => expect(flip([at(1)])).toEqual(['👍2! Ana,Me']));
  it('takes back', () => expect(flip([at(1, '👍', { count: 2, mine: true, people: ['Ana', 'Me'] })])).toEqual(['👍1 Ana']));
  it('takes back the last', () => expect(flip([at(1, '👍', { mine: true, people: ['Me'] })])).toEqual([]));
});

describe('on a clip', () => {
  it('shows at once, then what the server says', async () => {
    const r = new ClipReactions(clip, () => 'Me');
    server = () => json({ items: [at(3000, '🎉', { count: 2, mine: true, people: ['Ana', 'Me'] })], next_cursor: null });
    const sent = r.toggle('🎉', 3000);
    expect(r.hasReacted('🎉', 3000)).toBe(true);
    await sent;
    expect([asked[0], r.all[0]?.count, r.totals]).toEqual([
      `POST /api/v1/clips/${clip}/reactions/${encodeURIComponent('🎉')}?at_ms=3000`,
      2,
      [['🎉', 2]],
    ]);
    server = () => json({ items: [], next_cursor: null });
    await r.toggle('🎉', 3000);
    expect([asked[1]?.startsWith('DELETE'), r.all]).toEqual([true, []]);
  });
  it('is taken back when refused', async () => {
    const r = new ClipReactions(clip, () => 'Me');
    server = (q) =>
      q.method === 'GET'
        ? json({ items: [at(1000)], next_cursor: null })
        : json({ status: 429, detail: 'Slower.', code: 'rate_limited' }, 429);
    await expect(r.toggle('👍', 3000)).rejects.toMatchObject({ detail: 'Slower.' });
    expect(r.all).toEqual([at(1000)]);
  });
  it('hears of others, of this clip only', () => {
    const r = new ClipReactions(clip, () => 'Me');
    r.applyEvent({ type: 'reaction.changed', workspace_id: '', clip_id: clip, subject_id: null, reactions: [at(1000)] });
    r.applyEvent({ type: 'reaction.changed', workspace_id: '', clip_id: 'other', subject_id: null, reactions: [] });
    expect(r.all).toEqual([at(1000)]);
  });
});

it('names who reacted', () => {
  expect(reactorNames(at(1, '👍', { count: 1 }))).toBe('Ana');
  expect(reactorNames(at(1, '👍', { count: 3, people: ['Ana', 'Bo'] }))).toBe('Ana, Bo and 1 other');
});

it('passes what lies between two looks, and nothing at a jump', () => {
  const all = [at(1000), at(1500), at(null), at(9000)];
  expect(reactionsBetween(all, 0.9, 1.2).map((r) => r.at_ms)).toEqual([1000]);
  expect(reactionsBetween(all, 1, 1.5).map((r) => r.at_ms)).toEqual([1500]);
  expect(reactionsBetween(all, 0, 9)).toEqual([]);
  expect(reactionsBetween(all, 2, 1)).toEqual([]);
});
