// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clip } from '../lib/api/client';
import { ClipStore } from './clip.svelte';
import { clipOf } from './testing';

const json = (body: unknown, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
let server: (r: Request) => Promise<Response> | Response;
const asked: Request[] = [];
beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (r: Request) => (asked.push(r.clone()), server(r)));
});
afterEach(() => (vi.unstubAllGlobals(), vi.useRealTimers()));

const event = (clip: Clip) => ({ type: 'clip.updated' as const, workspace_id: '', clip_id: clip.id, subject_id: null, clip });

it('takes what is newer and leaves what was overtaken', () => {
  const s = new ClipStore(clipOf({ version: 3 }));
  s.applyEvent(event(clipOf({ version: 2, title: 'old' })));
  expect(s.clip.title).toBe('Onboarding rebuild');
  s.applyEvent(event(clipOf({ version: 3, state: 'processing' }))); // steps move without a new version
  expect(s.clip.state).toBe('processing');
  s.applyEvent(event(clipOf({ id: 'other', version: 9 })));
  expect(s.clip.version).toBe(3);
});

describe('changing', () => {
  it('shows at once, also over events that come meanwhile', async () => {
    const s = new ClipStore(clipOf());
    server = () => {
      s.applyEvent(event(clipOf({ counts: { comments: 1, reactions: 0, views: 0 } })));
      expect(s.clip.title).toBe('New');
      return json(clipOf({ title: 'New', version: 2 }));
    };
    const change = s.change({ title: 'New' });
    expect(s.clip.title).toBe('New');
    await change;
    expect([s.clip.title, s.clip.version, asked[0]!.headers.get('If-Match')]).toEqual(['New', 2, '"1"']);
  });
  it('is taken back when refused', async () => {
    const s = new ClipStore(clipOf());
    server = () => json({ detail: 'Too long.', code: 'invalid' }, 400);
    await expect(s.change({ title: 'x' })).rejects.toMatchObject({ detail: 'Too long.' });
    expect(s.clip.title).toBe('Onboarding rebuild');
  });
  it('that lost against another shows the other one', async () => {
    const s = new ClipStore(clipOf());
    server = (r) => (r.method === 'PATCH' ? json({ detail: 'Changed meanwhile.' }, 412) : json(clipOf({ title: 'Theirs', version: 2 })));
    await expect(s.change({ title: 'Mine' })).rejects.toMatchObject({ status: 412 });
    expect(s.clip.title).toBe('Theirs');
  });
});

describe('waiting for something to play', () => {
  it('looks until it is there, as often as the server asks', async () => {
    vi.useFakeTimers();
    const s = new ClipStore(clipOf({ state: 'recording', version: 1 }));
    const answers = [
      () => json(clipOf({ state: 'recording' })),
      () => json({ detail: 'Busy.' }, 503, { 'Retry-After': '9' }),
      () => json(clipOf({ state: 'recording', media: { ...clipOf().media, master: '/m' } })),
    ];
    server = () => answers[asked.length - 1]!();
    const done = s.waitUntilPlayable(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(8000);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(3100);
    await done;
    expect([asked.length, s.clip.media.master]).toEqual([3, '/m']);
  });
  it('stops when told to', async () => {
    server = () => json(clipOf({ state: 'recording' }));
    const stop = new AbortController();
    const done = new ClipStore(clipOf({ state: 'recording' })).waitUntilPlayable(stop.signal);
    stop.abort();
    await done;
    expect(asked.length).toBeLessThanOrEqual(1);
  });
});

it('goes to the trash and comes back', async () => {
  const s = new ClipStore(clipOf());
  server = (r) => (r.method === 'DELETE' ? new Response(null, { status: 204 }) : json(clipOf({ version: 3 })));
  await s.trash();
  expect(s.clip.trashed_at).not.toBeNull();
  await s.restore();
  expect(s.clip.trashed_at).toBeNull();
});
