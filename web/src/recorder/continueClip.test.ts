// @vitest-environment happy-dom

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deleteFromServer, deliver, type Delivery } from './deliver';
import type { Continues, Meta } from './meta';
import { haveSameTracks } from './sameTracks';
import { Spool } from './spool';

const golden = (name: string) => new Uint8Array(readFileSync(`src/recorder/testdata/${name}.webm`));
const first = golden('chromium-picture-1');
const second = golden('chromium-picture-2');

const mime = 'video/webm;codecs=vp8,opus';
const continues: Continues = { clipId: 'C1', startMs: 4000, mime };
const meta = (change: Partial<Meta> = {}) =>
  ({ id: 'R1', key: 'K1', userId: 'U1', createdAt: 0, workspaceId: 'W1', kind: 'camera', mime, title: '', savedTitle: '', reply: null,
    lengthMs: 0, sealed: true, discarded: false, clipId: null, path: null, continues: { ...continues }, ...change }) as Meta; // prettier-ignore

type Answer = (body: Uint8Array) => Response;
let answers: Record<string, Answer>;
let asked: string[];
let upload: number[]; // what the upload has

const json = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const offset = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers: { 'Upload-Offset': String(upload.length), ...headers } });

beforeEach(() => {
  asked = [];
  upload = [...first];
  answers = {
    'GET /api/v1/clips/C1/media/original': () => new Response(first, { status: 206 }),
    'POST /api/v1/clips/C1/continue': () => json(201, { clip_id: 'C1', upload_url: '/api/v1/uploads/P1', offset: first.length, number: 1 }),
    'HEAD /api/v1/uploads/P1': () => offset(200, { 'Upload-Defer-Length': '1' }),
    'PATCH /api/v1/uploads/P1': (body) => {
      upload.push(...body);
      return offset(204);
    },
    'POST /api/v1/clips': () => json(201, { id: 'C2', share_url: 'http://t.example/c/C2' }),
    'POST /api/v1/uploads': () => {
      upload = [];
      return new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/P1' } });
    },
    'DELETE /api/v1/clips/C1/continue?number=1': () => new Response(null, { status: 204 }),
  };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const request = `${init.method} ${path}`;
    asked.push(request);
    return answers[request]!(init.body as Uint8Array);
  });
});
afterEach(() => vi.unstubAllGlobals());

function delivery(of: Meta, bytes = second) {
  const source = new Spool(null);
  source.append(bytes);
  source.seal();
  const seen = { separate: null as string | null, durable: 0 };
  const d: Delivery = {
    meta: of,
    source,
    signal: new AbortController().signal,
    save: () => {},
    onClip: () => {},
    onProgress: (n) => (seen.durable = n),
    onTrouble: () => {},
    onSeparate: (why) => (seen.separate = why),
  };
  return { d, seen };
}

describe('a recording that goes on in a clip', () => {
  it('is appended to its upload', async () => {
    const { d, seen } = delivery(meta());
    expect(await deliver(d)).toEqual({ clipId: 'C1', answered: null });
    expect(upload.slice(0, first.length)).toEqual([...first]);
    expect(upload.length).toBeGreaterThan(first.length + 1000);
    expect(seen).toEqual({ separate: null, durable: second.length });
    expect(d.meta.continues).toMatchObject({ offset: first.length, number: 1 });
    expect(asked).not.toContain('POST /api/v1/clips');
  });

  it('goes on after a crash, without opening the upload again', async () => {
    const whole = delivery(meta());
    await deliver(whole.d);
    const want = upload;
    upload = want.slice(0, first.length + 777); // so much had come
    asked = [];
    await deliver(delivery(whole.d.meta).d);
    expect(upload).toEqual(want);
    expect(asked).not.toContain('POST /api/v1/clips/C1/continue');
  });

  it.each<[string, () => Meta, () => void]>([
    [
      'refused by the server',
      () => meta(),
      () => (answers['POST /api/v1/clips/C1/continue'] = () => json(410, { code: 'gone', detail: 'Too late.' })),
    ],
    ['of another type', () => meta({ mime: 'video/webm;codecs=vp9,opus' }), () => {}],
    [
      'with other tracks',
      () => meta(),
      () => (answers['GET /api/v1/clips/C1/media/original'] = () => new Response(golden('chromium-sound-1'))),
    ],
  ])('becomes a clip of its own: %s', async (_, of, spoil) => {
    spoil();
    const { d, seen } = delivery(of());
    expect((await deliver(d)).clipId).toBe('C2');
    expect(upload).toEqual([...second]); // whole, as it was recorded
    expect(seen.separate).not.toBeNull();
    expect(d.meta.continues).toBeUndefined();
  });

  it('is thrown away without the clip', async () => {
    await deleteFromServer(
      meta({ path: '/api/v1/uploads/P1', clipId: 'C1', continues: { ...continues, offset: 9, number: 1 } }),
      new AbortController().signal,
    );
    await deleteFromServer(meta(), new AbortController().signal); // it was not opened yet
    expect(asked).toEqual(['DELETE /api/v1/clips/C1/continue?number=1']);
  });
});

describe('tracks', () => {
  it('are the same in files of one kind', () => {
    expect(haveSameTracks(first, second)).toBe(true);
    expect(haveSameTracks(first, golden('firefox-sound-2'))).toBe(false);
    expect(haveSameTracks(first, second.slice(0, 20))).toBeNull();
  });
});
