// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';
import type { Me } from '../lib/api/client';
import { Account } from './account.svelte';

const me = (changes: Partial<Me> = {}): Me => ({
  user: { id: 'U1', name: 'Ana', email: 'a@b.example', avatar_url: null, created_at: '' },
  workspaces: [],
  preferences: { time_zone: 'UTC', working_hours: null, quiet_hours: null, notify: {} },
  version: 3,
  ...changes,
});

afterEach(() => vi.unstubAllGlobals());

test('saves against the version it knows', async () => {
  const fetch = vi.fn<(r: Request) => Promise<Response>>().mockResolvedValueOnce(Response.json(me({ version: 4 })));
  vi.stubGlobal('fetch', fetch);
  const account = new Account(me());
  expect(await account.save({ quiet_hours: null })).toBeNull();
  expect(fetch.mock.calls[0]![0].headers.get('If-Match')).toBe('"3"');
  expect(await fetch.mock.calls[0]![0].json()).toEqual({ quiet_hours: null });
  expect(account.me.version).toBe(4);
});

test('a change made elsewhere is said, and the next try is against it', async () => {
  const fetch = vi
    .fn<(r: Request) => Promise<Response>>()
    .mockResolvedValueOnce(Response.json({ code: 'conflict', detail: 'It was changed meanwhile.' }, { status: 412 }))
    .mockResolvedValueOnce(Response.json(me({ version: 9 })));
  vi.stubGlobal('fetch', fetch);
  const account = new Account(me());
  expect(await account.save({ name: 'Bea' })).toMatchObject({ code: 'conflict' });
  expect(account.me.version).toBe(9);
});
