// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notification } from '../lib/api/client';
import { formatBadge, unread } from '../lib/unread.svelte';
import { Inbox } from './inbox.svelte';
import { notification } from './testing';
import { describeNotification, actorNames } from './describe';

let asked: { method: string; path: string; body: unknown }[];
let answers: { items: Notification[]; next_cursor: string | null; unread: number }[];
let refuse = false;

beforeEach(() => {
  asked = [];
  answers = [];
  refuse = false;
  vi.stubGlobal('fetch', async (r: Request) => {
    const url = new URL(r.url, 'http://localhost');
    const body: unknown = r.method === 'POST' ? await r.json() : undefined;
    asked.push({ method: r.method, path: url.pathname + url.search, body });
    if (r.method === 'POST' && refuse) return Response.json({ code: 'internal', detail: 'No.', status: 500 }, { status: 500 });
    return Response.json(r.method === 'POST' ? { unread: 1 } : (answers.shift() ?? { items: [], next_cursor: null, unread: 0 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('the inbox', () => {
  it('loads what is new, then the pages after it, each once', async () => {
    answers = [
      { items: [notification('N3'), notification('N2')], next_cursor: 'c', unread: 3 },
      { items: [notification('N2'), notification('N1')], next_cursor: null, unread: 3 },
    ];
    const inbox = new Inbox();
    await inbox.load();
    expect(asked[0]!.path).toContain('unread=true');
    expect(unread.count).toBe(3);
    await inbox.loadMore();
    expect(inbox.items.map((n) => n.id)).toEqual(['N3', 'N2', 'N1']);
    await inbox.loadMore();
    expect(asked).toHaveLength(2);
  });

  it('marks one at once and leaves it in its place', async () => {
    answers = [{ items: [notification('N2'), notification('N1')], next_cursor: null, unread: 2 }];
    const inbox = new Inbox();
    await inbox.load();
    const done = inbox.markSeen(inbox.items[0]!);
    expect(inbox.items.map((n) => n.seen_at !== null)).toEqual([true, false]);
    await done;
    expect(asked.at(-1)).toMatchObject({ method: 'POST', body: { ids: ['N2'] } });
    expect(unread.count).toBe(1);
    await inbox.markSeen(inbox.items[0]!);
    expect(asked).toHaveLength(2); // what is seen is not told again
  });

  it('marks all until the newest that is shown', async () => {
    answers = [
      { items: [notification('N2', { created_at: '2026-11-02T00:00:00.000Z' }), notification('N1')], next_cursor: null, unread: 2 },
    ];
    const inbox = new Inbox();
    await inbox.load();
    await inbox.markAllSeen();
    expect(asked.at(-1)!.body).toEqual({ all_before: '2026-11-02T00:00:00.000Z' });
    expect(inbox.items.every((n) => n.seen_at)).toBe(true);
  });

  it('shows what the server has when it refuses', async () => {
    answers = [
      { items: [notification('N1')], next_cursor: null, unread: 1 },
      { items: [notification('N1')], next_cursor: null, unread: 1 },
    ];
    const inbox = new Inbox();
    await inbox.load();
    refuse = true;
    await expect(inbox.markSeen(inbox.items[0]!)).rejects.toMatchObject({ detail: 'No.' });
    expect(inbox.items[0]!.seen_at).toBeNull();
  });
});

describe('words', () => {
  it.each([
    [{ kind: 'mention' }, 'Ben mentioned you'],
    [{ kind: 'comment' }, 'Ben commented on your clip'],
    [{ kind: 'comment', comment: { id: 'C', at_ms: 1, body: '', reply_clip_id: 'R' } }, 'Ben answered with a recording'],
    [
      { kind: 'reaction', emoji: ['🎉', '👍'], others: 2, comment: { id: 'C', at_ms: 1, body: 'x', reply_clip_id: null } },
      'Ben and 2 others reacted 🎉 👍 to your comment',
    ],
    [{ kind: 'reaction', emoji: ['🎉'], others: 1 }, 'Ben and 1 other reacted 🎉 to your clip'],
    [{ kind: 'clip' }, 'Ben shared a new clip'],
  ] as [Partial<Notification>, string][])('%o', (fields, want) => {
    const n = notification('N', fields);
    expect(`${actorNames(n)} ${describeNotification(n)}`).toBe(want);
  });
  it('counts no further than there is room', () => expect([7, 99, 100].map(formatBadge)).toEqual(['7', '99', '99+']));
});
