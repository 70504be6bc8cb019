// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';
import { ChannelList } from './channels.svelte';
import { parseDestination, destinationValue } from './destination';

const channel = (id: string, name: string) => ({ id, name });
afterEach(() => vi.unstubAllGlobals());

test('a place is what the select says, and back', () => {
  expect(parseDestination('workspace')).toEqual({ channel_id: null, visibility: 'workspace' });
  expect(parseDestination('private')).toEqual({ channel_id: null, visibility: 'private' });
  expect(parseDestination('C1')).toEqual({ channel_id: 'C1', visibility: 'channel' });
  for (const value of ['workspace', 'private', 'C1']) expect(destinationValue(parseDestination(value))).toBe(value);
  expect(destinationValue({ channel_id: null, visibility: 'channel' })).toBe('channel'); // one that is not shown to us
});

test('all pages are loaded, and a channel that changed its name changes its place', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (r: Request) => {
    asked.push(new URL(r.url).search);
    const second = r.url.includes('cursor=');
    return Response.json({ items: second ? [channel('B', 'ops')] : [channel('A', 'design')], next_cursor: second ? null : 'next' });
  });
  const list = new ChannelList('W');
  await list.load();
  expect(list.state).toBe('ready');
  expect(list.items.map((c) => c.name)).toEqual(['design', 'ops']);
  expect(asked).toHaveLength(2);
  list.put({ ...list.items[0]!, name: 'zebra' });
  expect(list.items.map((c) => c.name)).toEqual(['ops', 'zebra']);
  list.remove('B');
  expect(list.items.map((c) => c.id)).toEqual(['A']);
});

test('a refusal is kept, and another try may succeed', async () => {
  let up = false;
  vi.stubGlobal('fetch', async () =>
    up ? Response.json({ items: [], next_cursor: null }) : Response.json({ code: 'unavailable', detail: 'Later.' }, { status: 503 }),
  );
  const list = new ChannelList('W');
  await list.load();
  expect([list.state, list.error?.detail]).toEqual(['failed', 'Later.']);
  up = true;
  await list.load();
  expect(list.state).toBe('ready');
});
