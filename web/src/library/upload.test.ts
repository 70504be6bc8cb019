// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import { ChannelList } from '../lib/channels.svelte';
import UploadList from './UploadList.svelte';
import { titleFromFileName, rejectReason, Uploads } from './upload.svelte';

afterEach(() => vi.unstubAllGlobals());

test.each([
  [{ name: 'a.mp4', size: 10, type: 'video/mp4' }, ''],
  [{ name: 'a.MKV', size: 10, type: '' }, ''],
  [{ name: 'a.mp4', size: 0, type: 'video/mp4' }, 'The file is empty.'],
  [{ name: 'a.pdf', size: 10, type: 'application/pdf' }, 'Only audio and video can be uploaded.'],
  [{ name: 'a.mp4', size: 3_000_000, type: 'video/mp4' }, 'The file is larger than this server takes (2 MB).'],
])('%j: %s', (file, why) => expect(rejectReason(file, 2_000_000)).toBe(why));

test.each([
  ['2026-11 stand_up.mov', '2026-11 stand up'],
  ['noext', 'noext'],
  ['.mp4', '.mp4'],
  ['v1.2 final.mp4', 'v1.2 final'],
])('%s is titled %s', (name, title) => {
  expect(titleFromFileName(name)).toBe(title);
});

/** A server that keeps what it gets. */
function server(over: (r: Request) => Response | undefined = () => undefined) {
  const seen: string[] = [];
  let kept = 0;
  vi.stubGlobal('fetch', async (to: Request | string, init?: RequestInit) => {
    const r = to instanceof Request ? to : new Request(new URL(to, location.href), init);
    const path = new URL(r.url).pathname;
    seen.push(`${r.method} ${path}`);
    const odd = over(r);
    if (odd) return odd;
    if (path === '/api/v1/clips') return Response.json({ id: 'C1' }, { status: 201 });
    if (path === '/api/v1/uploads')
      return new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/U1', 'Upload-Offset': '0' } });
    if (r.method === 'PATCH') kept += (await r.arrayBuffer()).byteLength;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(kept), 'Upload-Length': '5' } });
  });
  return seen;
}

const file = (name = 'talk.mp4', type = 'video/mp4') => new File(['12345'], name, { type });
const settled = (uploads: Uploads) => vi.waitFor(() => expect(uploads.sending).toBe(false));

test('a file becomes a clip', async () => {
  const seen = server();
  const uploads = new Uploads('W', 0);
  uploads.add([file()]);
  await settled(uploads);
  expect(uploads.list[0]).toMatchObject({ state: 'done', durable: 5, clip: 'C1', error: '' });
  expect(seen).toEqual(['POST /api/v1/clips', 'POST /api/v1/uploads', 'PATCH /api/v1/uploads/U1']);
});

test('an unfit file is not sent, the next one is', async () => {
  const seen = server();
  const uploads = new Uploads('W', 0);
  uploads.add([file('notes.pdf', 'application/pdf'), file()]);
  await settled(uploads);
  expect(uploads.list.map((u) => u.state)).toEqual(['failed', 'done']);
  expect(seen.filter((s) => s === 'POST /api/v1/clips')).toHaveLength(1);
});

test('what the server will never take leaves no clip behind', async () => {
  const seen = server((r) =>
    r.method === 'PATCH' ? Response.json({ code: 'unsupported_media', detail: 'This is no audio or video.' }, { status: 415 }) : undefined,
  );
  const uploads = new Uploads('W', 0);
  uploads.add([file()]);
  await settled(uploads);
  expect(uploads.list[0]).toMatchObject({ state: 'failed', error: 'This is no audio or video.', clip: '' });
  await vi.waitFor(() => expect(seen).toContain('DELETE /api/v1/clips/C1'));
});

test('stopping throws the begun clip away', async () => {
  const seen = server((r) => (r.method === 'PATCH' ? new Response(null, { status: 503 }) : undefined));
  const uploads = new Uploads('W', 0);
  uploads.add([file()]);
  await vi.waitFor(() => expect(uploads.list[0]!.trouble).toBe('failing'));
  uploads.cancel(uploads.list[0]!.id);
  expect(uploads.list).toHaveLength(0);
  await vi.waitFor(() => expect(seen).toContain('DELETE /api/v1/clips/C1'));
});

test('who is to see it may be chosen before its clip is there, while it is made, and afterwards', async () => {
  const told: string[] = [];
  const uploads = new Uploads('W', 0);
  const ops = { channel_id: 'OPS', visibility: 'channel' } as const;
  const seen = server((r) => {
    if (!/\/clips(\/C1)?$/.test(r.url)) return undefined;
    void r.json().then((b: { channel_id: string | null; visibility: string }) => told.push(`${r.method} ${b.visibility} ${b.channel_id}`));
    if (r.method === 'POST') void uploads.setDestination(1, { channel_id: null, visibility: 'private' });
    return Response.json({ id: 'C1' }, { status: r.method === 'POST' ? 201 : 200 });
  });
  uploads.destination = ops;
  uploads.add([file()]);
  await settled(uploads);
  expect(told).toEqual(['POST channel OPS', 'PATCH private null']);
  expect(seen.indexOf('PATCH /api/v1/clips/C1')).toBeLessThan(seen.indexOf('POST /api/v1/uploads'));
  await uploads.setDestination(1, ops);
  await vi.waitFor(() => expect(told[2]).toBe('PATCH channel OPS'));
});

test('what the server refuses stays where it was', async () => {
  server((r) =>
    r.method === 'PATCH' && r.url.endsWith('/clips/C1') ? Response.json({ code: 'forbidden', detail: 'No.' }, { status: 403 }) : undefined,
  );
  const uploads = new Uploads('W', 0);
  uploads.add([file()]);
  await settled(uploads);
  await expect(uploads.setDestination(1, { channel_id: 'OPS', visibility: 'channel' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(uploads.list[0]!.destination).toEqual({ channel_id: null, visibility: 'workspace' });
});

test('a retry after a lost answer asks for the same clip, wherever it is to go by now', async () => {
  const asked: { key: string | null; body: string }[] = [];
  server((r) => {
    if (!r.url.endsWith('/clips')) return undefined;
    void r
      .clone()
      .text()
      .then((body) => asked.push({ key: r.headers.get('Idempotency-Key'), body }));
    if (asked.length === 0) throw new TypeError('Failed to fetch');
    return undefined;
  });
  const uploads = new Uploads('W', 0);
  uploads.add([file(), file()]);
  await settled(uploads);
  expect(uploads.list.map((u) => u.state)).toEqual(['failed', 'done']);
  await uploads.setDestination(1, { channel_id: null, visibility: 'private' });
  uploads.retry(1);
  await settled(uploads);
  expect(uploads.list[0]).toMatchObject({ state: 'done', destination: { visibility: 'private' } });
  expect(asked).toHaveLength(3);
  expect(asked[2]).toEqual(asked[0]);
  expect(asked[1]!.key).not.toBe(asked[0]!.key); // another file of the same name
});

test('behind a proxy with a limit the list says that smaller parts are sent', async () => {
  const file = new File(['x'.repeat(300_000)], 'talk.mp4', { type: 'video/mp4' });
  let passed = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  vi.stubGlobal('fetch', async (to: Request | string, init?: RequestInit) => {
    if (to instanceof Request) return Response.json({ id: 'C1' }, { status: 201 });
    if (init?.method === 'POST') return new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/U1' } });
    const part = (init?.body as Uint8Array | undefined)?.byteLength ?? 0;
    if (part > 150_000) return new Response('<h1>413</h1>', { status: 413, headers: { 'Content-Type': 'text/html' } });
    if (part > 0) await held;
    passed += part;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(passed), 'Upload-Length': '300000' } });
  });
  const uploads = new Uploads('W', 0);
  render(UploadList, { uploads, channels: new ChannelList('W') });
  uploads.add([file]);
  await screen.findByText('The proxy in front of the server takes less than 262 kB in one request: smaller parts are sent.');
  release();
  await settled(uploads);
  expect(uploads.list[0]).toMatchObject({ state: 'done', durable: 300_000, error: '' });
});
