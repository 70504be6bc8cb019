// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Comment } from '../lib/api/client';
import { Comments } from './comments.svelte';
import { commentOf as comment } from './testing';

const clip = '01JD0000000000000000000000';
const me = { id: 'me', name: 'Me', avatar_url: null };

type Handler = (r: Request) => Promise<Response> | Response;
let server: Handler;
const asked: Request[] = [];

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const refuse = (status: number, detail: string) =>
  json({ type: 'about:blank', title: '', status, detail, code: 'x', request_id: 'r' }, status);
const event = (type: 'comment.created' | 'comment.deleted', c: Comment) => ({
  type,
  workspace_id: '',
  clip_id: clip,
  subject_id: c.id,
  comment: c,
});
const bodies = (c: Comments) => c.all.map((x) => `${x.body}${x.sending ? ` ${x.sending}` : ''}${x.deleted ? ' deleted' : ''}`);

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (r: Request) => {
    asked.push(r.clone());
    return server(r);
  });
});
afterEach(() => vi.unstubAllGlobals());

async function loaded(...list: Comment[]): Promise<Comments> {
  server = () => json({ items: list, next_cursor: null });
  const c = new Comments(clip, me);
  await c.load();
  asked.length = 0;
  return c;
}

describe('loading', () => {
  it('reads all pages', async () => {
    server = (r) =>
      r.url.includes('cursor=b') ? json({ items: [comment('2')], next_cursor: null }) : json({ items: [comment('1')], next_cursor: 'b' });
    const c = new Comments(clip, me);
    await c.load();
    expect([c.state, bodies(c)]).toEqual(['ready', ['1', '2']]);
  });
  it('says why it failed, and keeps what is shown when it fails later', async () => {
    server = () => refuse(503, 'Try again in a moment.');
    const c = new Comments(clip, me);
    await c.load();
    expect([c.state, c.problem?.detail]).toEqual(['failed', 'Try again in a moment.']);
    const d = await loaded(comment('1'));
    server = () => refuse(503, 'x');
    await d.load();
    expect([d.state, bodies(d)]).toEqual(['ready', ['1']]);
  });
});

describe('adding', () => {
  it('is shown before the server answers, and once when both event and answer come', async () => {
    const c = await loaded();
    const made = comment('made', { body: 'hi', at_ms: 3000 });
    server = () => {
      c.applyEvent(event('comment.created', made)); // the event is often quicker than the answer
      return json(made, 201);
    };
    const sent = c.add({ body: 'hi', at_ms: 3000, parent_id: null });
    expect(bodies(c)).toEqual(['hi pending']);
    await sent;
    expect([bodies(c), c.all[0]?.id]).toEqual([['hi'], 'made']);
    expect(await asked[0]!.json()).toEqual({ body: 'hi', at_ms: 3000, parent_id: null });
  });
  it('that failed stays with its reason, and is sent again with the same key', async () => {
    const c = await loaded();
    server = () => {
      throw new TypeError('no network');
    };
    await c.add({ body: 'hi', at_ms: null, parent_id: null });
    expect(bodies(c)).toEqual(['hi failed']);
    expect(c.all[0]?.failure).toMatch(/cannot be reached/);
    server = () => json(comment('made', { body: 'hi' }), 201);
    await c.resend(c.all[0]!.id);
    expect(bodies(c)).toEqual(['hi']);
    expect(asked[0]!.headers.get('Idempotency-Key')).toBe(asked[1]!.headers.get('Idempotency-Key'));
    expect(asked[0]!.headers.get('Idempotency-Key')).toBeTruthy();
  });
  it('that failed can be thrown away', async () => {
    const c = await loaded();
    server = () => refuse(403, 'No.');
    await c.add({ body: 'hi', at_ms: null, parent_id: null });
    c.discard(c.all[0]!.id);
    expect(c.count).toBe(0);
  });
});

describe('editing', () => {
  it('says which version it changes', async () => {
    const c = await loaded(comment('1', { version: 4 }));
    server = () => json(comment('1', { body: 'new', version: 5 }));
    await c.edit(c.all[0]!, 'new');
    expect([bodies(c), asked[0]!.headers.get('If-Match')]).toEqual([['new'], '"4"']);
  });
  it('is taken back when refused', async () => {
    const c = await loaded(comment('1'));
    server = () => refuse(429, 'Slower, please.');
    const edit = c.edit(c.all[0]!, 'new');
    expect(bodies(c)).toEqual(['new']);
    await expect(edit).rejects.toMatchObject({ detail: 'Slower, please.' });
    expect(bodies(c)).toEqual(['1']);
  });
  it('that lost against another shows the other one', async () => {
    const c = await loaded(comment('1'));
    server = (r) =>
      r.method === 'PATCH'
        ? refuse(412, 'Somebody changed it.')
        : json({ items: [comment('1', { body: 'theirs', version: 2 })], next_cursor: null });
    await expect(c.edit(c.all[0]!, 'mine')).rejects.toMatchObject({ status: 412 });
    expect(bodies(c)).toEqual(['theirs']);
  });
});

describe('deleting', () => {
  it('shows at once, and comes back when refused', async () => {
    const c = await loaded(comment('1'));
    server = () => refuse(500, 'Broken.');
    const gone = c.delete(c.all[0]!);
    expect(c.count).toBe(0);
    await expect(gone).rejects.toMatchObject({ detail: 'Broken.' });
    expect(c.count).toBe(1);
  });
  it('of one that is gone already is no failure', async () => {
    const c = await loaded(comment('1'));
    server = () => refuse(404, 'x');
    await c.delete(c.all[0]!);
    expect(c.count).toBe(0);
  });
  it('is heard from other tabs', async () => {
    const c = await loaded(comment('1'));
    c.applyEvent(event('comment.deleted', comment('1', { deleted: true, body: '', version: 2 })));
    expect(c.threads).toEqual([]);
  });
});

it('leaves events of other clips alone', async () => {
  const c = await loaded();
  c.applyEvent(event('comment.created', comment('1', { clip_id: 'other' })));
  expect(c.all).toEqual([]);
});
