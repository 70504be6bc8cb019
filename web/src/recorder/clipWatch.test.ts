// @vitest-environment happy-dom

import { expect, it, vi } from 'vitest';
import { watchClip, type ClipFate } from './clipWatch';

const live = vi.hoisted(() => ({ on: {} as Record<string, (e: object) => void>, clip: null as null | { status: number; body: object } }));
vi.mock('../lib/live.svelte', () => ({
  subscribeEvents: (_: string, on: typeof live.on) => {
    live.on = on;
    return () => {};
  },
}));
vi.stubGlobal('fetch', async () => {
  if (!live.clip) throw new TypeError('no network');
  return new Response(JSON.stringify(live.clip.body), { status: live.clip.status, headers: { 'Content-Type': 'application/json' } });
});

const watch = () => {
  const said: ClipFate[] = [];
  const stop = watchClip('C1', 'W1', (fate) => said.push(fate));
  return { said, stop };
};

it('says at once that the clip is in the trash, and that it is back', () => {
  const { said } = watch();
  live.on['clip.updated']!({ clip_id: 'C1', clip: { trashed_at: '2026-11-30T10:00:00Z' } });
  live.on['clip.updated']!({ clip_id: 'C2', clip: { trashed_at: '2026-11-30T10:00:00Z' } });
  live.on['clip.updated']!({ clip_id: 'C1', clip: { trashed_at: null } });
  expect(said).toEqual(['trashed', 'kept']);
});

it('asks when events were missed or refused', async () => {
  const { said } = watch();
  live.clip = { status: 404, body: { code: 'not_found', detail: 'No.', status: 404 } };
  live.on.refused!({});
  await vi.waitFor(() => expect(said).toEqual(['not_found']));
  live.clip = { status: 200, body: { trashed_at: '2026-11-30T10:00:00Z' } };
  live.on.resync!({});
  await vi.waitFor(() => expect(said).toEqual(['not_found', 'trashed']));
});

it('takes no network for no answer', async () => {
  const { said } = watch();
  live.clip = null;
  live.on.resync!({});
  await new Promise((r) => setTimeout(r));
  expect(said).toEqual([]);
});
