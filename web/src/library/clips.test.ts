// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Clips } from './clips.svelte';
import { exampleClip } from './testing';

const id = (n: number) => `01K${String(n).padStart(23, '0')}`;
const clip = (n: number, changes = {}) => exampleClip({ id: id(n), ...changes });
const ids = (list: Clips) => list.items.map((c) => Number(c.id.slice(3)));
const page = (ns: number[], next: string | null = null) =>
  new Response(JSON.stringify({ items: ns.map((n) => clip(n)), next_cursor: next }), { headers: { 'Content-Type': 'application/json' } });

let fetch: ReturnType<typeof vi.fn<(r: Request) => Promise<Response>>>;
const query = (call: number) => Object.fromEntries(new URL(fetch.mock.calls[call]![0].url).searchParams);

beforeEach(() => {
  fetch = vi.fn<(r: Request) => Promise<Response>>();
  vi.stubGlobal('fetch', fetch);
});
afterEach(() => vi.unstubAllGlobals());

test('asks as the filter says, page by page', async () => {
  fetch.mockResolvedValueOnce(page([9, 8], 'c1')).mockResolvedValueOnce(page([8, 7]));
  const list = new Clips('W', 'U1', 2);
  await list.load({ view: 'mine', kind: 'voice', channel: '', title: 'tide' });
  expect(query(0)).toEqual({ workspace: 'W', author: 'me', kind: 'voice', q_title: 'tide', limit: '2' });
  await list.loadMore();
  expect(query(1)).toMatchObject({ cursor: 'c1' });
  expect(ids(list)).toEqual([9, 8, 7]);
  await list.loadMore();
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('the trash is asked for by name', async () => {
  fetch.mockResolvedValueOnce(page([]));
  await new Clips('W', 'U1').load({ view: 'trash', kind: '', channel: '', title: '' });
  expect(query(0)).toMatchObject({ trashed: 'true' });
});

test('the answer to an older filter is dropped', async () => {
  let first = (_: Response) => {};
  fetch.mockImplementationOnce(() => new Promise((resolve) => (first = resolve))).mockResolvedValueOnce(page([2]));
  const list = new Clips('W', 'U1');
  const older = list.load();
  await list.load({ view: 'mine', kind: '', channel: '', title: '' });
  first(page([1]));
  await older;
  expect(ids(list)).toEqual([2]);
});

test('a first page that fails is said; a later one leaves what is there', async () => {
  fetch
    .mockRejectedValueOnce(new TypeError('gone'))
    .mockResolvedValueOnce(page([2], 'c'))
    .mockRejectedValueOnce(new TypeError('gone'));
  const list = new Clips('W', 'U1');
  await list.load();
  expect(list).toMatchObject({ state: 'failed', error: { code: 'unreachable' } });
  await list.load();
  expect(list.state).toBe('ready');
  await list.loadMore();
  expect(list).toMatchObject({ state: 'ready', error: { code: 'unreachable' } });
  expect(ids(list)).toEqual([2]);
});

describe('events', () => {
  async function loaded(ns: number[], next: string | null = null, view: 'all' | 'mine' | 'trash' = 'all') {
    fetch.mockResolvedValueOnce(page(ns, next));
    const list = new Clips('W', 'U1');
    await list.load({ view, kind: '', channel: '', title: '' });
    return list;
  }

  test('a new clip comes where its time says', async () => {
    const list = await loaded([5, 3]);
    list.put(clip(7));
    list.put(clip(4));
    list.put(clip(1));
    expect(ids(list)).toEqual([7, 5, 4, 3, 1]);
  });

  test('one older than the page waits for its page', async () => {
    const list = await loaded([5, 3], 'more');
    list.put(clip(1));
    expect(ids(list)).toEqual([5, 3]);
  });

  test('a change replaces, an older one does not', async () => {
    const list = await loaded([5]);
    list.put(clip(5, { title: 'New', version: 3 }));
    list.put(clip(5, { title: 'Old', version: 2 }));
    expect(list.items[0]!.title).toBe('New');
  });

  test.each([
    ['trashed', { trashed_at: '2026-03-10T12:00:00.000Z' }],
    ['of another workspace', { workspace_id: 'X' }],
  ])('a clip that is now %s goes', async (_, changes) => {
    const list = await loaded([5, 3]);
    list.put(clip(5, { version: 2, ...changes }));
    expect(ids(list)).toEqual([3]);
  });

  test('others’ clips do not come among mine', async () => {
    const list = await loaded([5], null, 'mine');
    list.put(clip(6, { author: { id: 'U2', name: 'Bo', avatar_url: null } }));
    expect(ids(list)).toEqual([5]);
  });
});
