// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { abandonUpload, deliver, deleteFromServer, explainRefusal, type Delivery } from './deliver';
import { decodeMeta, encodeMeta, type Meta } from './meta';
import { RequestRefused, type UploadTrouble } from './request';
import { Spool } from './spool';

const blank: Meta = {
  id: 'R1',
  key: 'K1',
  userId: 'U1',
  createdAt: 1_800_000_000_000,
  workspaceId: 'W1',
  kind: 'voice',
  mime: 'audio/webm;codecs=opus',
  title: '',
  savedTitle: '',
  reply: null,
  lengthMs: 0,
  sealed: true,
  discarded: false,
  clipId: null,
  path: null,
};

/** What the server would answer: the request, how often it came before, and the answer. */
type Rule = [request: string, answers: Response[]];
let asked: { request: string; body: unknown; key: string | null }[];
let rules: Rule[];

const json = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const created = (headers: Record<string, string> = {}) =>
  new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/P1', ...headers } });
const patched = () => new Response(null, { status: 204, headers: { 'Upload-Offset': '3' } });
const happy: Rule[] = [
  ['POST /api/v1/clips', [json(201, { id: 'C1', share_url: 'http://t.example/c/C1' })]],
  ['POST /api/v1/uploads', [created()]],
  ['PATCH /api/v1/uploads/P1', [patched()]],
];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  rules = happy.map(([r, a]) => [r, a.map((x) => x.clone())]);
  vi.stubGlobal('fetch', async (path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const request = `${init.method} ${path}`;
    asked.push({
      request,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      key: init.headers?.['Idempotency-Key'] ?? null,
    });
    const answer = rules.find(([r]) => r === request)?.[1].shift();
    if (!answer) throw new TypeError('no such server');
    return answer;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function delivery(meta: Partial<Meta> = {}) {
  const source = new Spool(null);
  source.append(new Uint8Array([1, 2, 3]));
  source.seal();
  const seen = { clips: [] as string[], troubles: [] as (UploadTrouble | null)[], saves: 0 };
  const d: Delivery = {
    meta: { ...blank, ...meta },
    source,
    signal: new AbortController().signal,
    save: () => seen.saves++,
    onClip: (c) => seen.clips.push(c.shareUrl),
    onProgress: () => {},
    onTrouble: (t) => seen.troubles.push(t),
  };
  return { d, seen };
}

async function settle<T>(work: Promise<T>): Promise<T> {
  let over = false;
  work.then(
    () => (over = true),
    () => (over = true),
  );
  for (let i = 0; !over && i < 200; i++) await vi.advanceTimersByTimeAsync(1000);
  return work;
}
const requests = () => asked.map((a) => a.request);

describe('deliver', () => {
  it('says what is spoken, when somebody chose it', async () => {
    const { d } = delivery({ language: 'pt-BR' });
    await settle(deliver(d));
    expect(asked[0]!.body).toMatchObject({ language: 'pt-BR' });
  });
  it('makes the clip under its own key, uploads, and remembers both at once', async () => {
    const { d, seen } = delivery();
    expect(await settle(deliver(d))).toEqual({ clipId: 'C1', answered: null });
    expect(requests()).toEqual(['POST /api/v1/clips', 'POST /api/v1/uploads', 'PATCH /api/v1/uploads/P1']);
    expect(asked[0]).toMatchObject({ key: 'K1', body: { workspace_id: 'W1', kind: 'voice', reply_to_comment_id: null } });
    expect(d.meta).toMatchObject({ clipId: 'C1', path: '/api/v1/uploads/P1' });
    expect(seen.clips).toEqual(['http://t.example/c/C1']);
    expect(seen.saves).toBe(2);
  });

  it('waits for a server that is down, and for somebody to sign in again', async () => {
    rules[0]![1].unshift(json(401, {}), json(503, {}));
    const { d, seen } = delivery();
    await settle(deliver(d));
    expect(requests().filter((r) => r === 'POST /api/v1/clips')).toHaveLength(3);
    expect(seen.troubles).toEqual(['signed_out', 'failing', null]);
  });

  it('makes no second clip when it goes on after a crash', async () => {
    rules.push(['HEAD /api/v1/uploads/P1', [new Response(null, { headers: { 'Upload-Offset': '1' } })]]);
    const { d } = delivery({ clipId: 'C1', path: '/api/v1/uploads/P1' });
    await settle(deliver(d));
    expect(requests()).toEqual(['HEAD /api/v1/uploads/P1', 'PATCH /api/v1/uploads/P1']);
  });

  it('brings the title, and the comment that makes it an answer', async () => {
    rules.push(['PATCH /api/v1/clips/C1', [json(200, {})]], ['POST /api/v1/clips/C0/comments', [json(201, {})]]);
    const { d } = delivery({ title: ' Hello ', reply: { commentId: 'M1', clipId: 'C0' } });
    expect(await settle(deliver(d))).toEqual({ clipId: 'C1', answered: 'C0' });
    expect(asked.find((a) => a.request === 'PATCH /api/v1/clips/C1')?.body).toEqual({ title: 'Hello' });
    expect(asked.at(-1)).toEqual({ request: 'POST /api/v1/clips/C0/comments', body: { parent_id: 'M1', clip_id: 'C1' }, key: 'K1-answer' });
    expect(d.meta.savedTitle).toBe(' Hello ');
  });

  it('starts a thread at the second it answers', async () => {
    rules.push(['POST /api/v1/clips/C0/comments', [json(201, {})]]);
    const { d } = delivery({ reply: { commentId: null, clipId: 'C0', atMs: 2000 } });
    expect(await settle(deliver(d))).toEqual({ clipId: 'C1', answered: 'C0' });
    expect(asked[0]!.body).toMatchObject({ reply_to_comment_id: null, reply_to_clip_id: 'C0' });
    expect(asked.at(-1)).toEqual({
      request: 'POST /api/v1/clips/C0/comments',
      body: { at_ms: 2000, clip_id: 'C1' },
      key: 'K1-answer-thread',
    });
  });

  it('starts a thread of its own when the comment it answers was deleted before or meanwhile', async () => {
    const gone = () => json(400, { code: 'invalid', detail: 'There is no such comment.' });
    rules[0]![1].unshift(gone());
    rules.push(['POST /api/v1/clips/C0/comments', [json(201, {})]]);
    const before = delivery({ reply: { commentId: 'M1', clipId: 'C0', atMs: 2000 } });
    expect(await settle(deliver(before.d))).toEqual({ clipId: 'C1', answered: 'C0' });
    expect(asked[1]).toMatchObject({ body: { reply_to_clip_id: 'C0' }, key: 'K1-thread' });
    expect(asked.at(-1)!.body).toEqual({ at_ms: 2000, clip_id: 'C1' });

    rules = happy.map(([r, a]) => [r, a.map((x) => x.clone())]);
    rules.push(['POST /api/v1/clips/C0/comments', [gone(), json(201, {})]]);
    const after = delivery({ reply: { commentId: 'M1', clipId: 'C0', atMs: 2000 } });
    expect(await settle(deliver(after.d))).toEqual({ clipId: 'C1', answered: 'C0' });
    expect(asked.at(-1)).toMatchObject({ body: { at_ms: 2000, clip_id: 'C1' }, key: 'K1-answer-thread' });
  });

  it('is done even if the comment it answers is gone: the recording is safe', async () => {
    rules.push(['POST /api/v1/clips/C0/comments', [json(404, { code: 'not_found', detail: 'Gone.' })]]);
    const { d } = delivery({ reply: { commentId: 'M1', clipId: 'C0' } });
    expect(await settle(deliver(d))).toEqual({ clipId: 'C1', answered: null });
  });

  it('hands a refusal on in the words of the server', async () => {
    rules[0]![1] = [json(413, { code: 'quota', detail: 'The workspace is full.' })];
    const refused = await settle(deliver(delivery().d)).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(RequestRefused);
    expect(refused).toMatchObject({ code: 'quota', message: 'The workspace is full.' });
  });
});

describe('a recording that the server does not know', () => {
  const refused = new RequestRefused('not_found', 'No.');
  it('was deleted, when its workspace is still there', async () => {
    rules.push(['GET /api/v1/workspaces/W1', [json(200, {})]]);
    expect(await explainRefusal(refused, blank)).toMatchObject({ code: 'not_found' });
  });
  it('is out of reach, when this person was removed from the workspace', async () => {
    rules.push(['GET /api/v1/workspaces/W1', [json(404, { code: 'not_found', detail: 'No.' })]]);
    expect(await explainRefusal(refused, blank)).toMatchObject({ code: 'no_access' });
  });
  it('stays unknown while nobody answers', async () => {
    expect(await explainRefusal(refused, blank)).toMatchObject({ code: 'not_found' });
  });
});

describe('withdraw', () => {
  const meta = { ...blank, clipId: 'C1', path: '/api/v1/uploads/P1' };
  it('removes the upload and the clip', async () => {
    rules.push(
      ['DELETE /api/v1/uploads/P1', [new Response(null, { status: 204 })]],
      ['DELETE /api/v1/clips/C1', [new Response(null, { status: 204 })]],
    );
    await settle(deleteFromServer(meta, new AbortController().signal));
    expect(requests()).toEqual(['DELETE /api/v1/uploads/P1', 'DELETE /api/v1/clips/C1']);
  });
  it('is content when both are gone', async () => {
    rules.push(['DELETE /api/v1/uploads/P1', [json(410, {})]], ['DELETE /api/v1/clips/C1', [json(404, {})]]);
    await settle(deleteFromServer(meta, new AbortController().signal));
  });
  it('rejects when no server answers in time', async () => {
    const stop = new AbortController();
    const gone = expect(deleteFromServer(meta, stop.signal)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(3000);
    stop.abort(new Error('too late'));
    await gone;
  });
  it('asks nobody about what never left this computer', async () => {
    await settle(deleteFromServer(blank, new AbortController().signal));
    expect(asked).toEqual([]);
  });
});

describe('abandon', () => {
  const meta = { clipId: 'C1', path: '/api/v1/uploads/P1' };
  const never = new AbortController().signal;
  it('removes an unfinished upload and its clip', async () => {
    rules.push(
      ['DELETE /api/v1/uploads/P1', [new Response(null, { status: 204 })]],
      ['DELETE /api/v1/clips/C1', [new Response(null, { status: 204 })]],
    );
    await settle(abandonUpload(meta, never));
    expect(requests()).toEqual(['DELETE /api/v1/uploads/P1', 'DELETE /api/v1/clips/C1']);
  });
  it('leaves a clip that the server has closed', async () => {
    rules.push(['DELETE /api/v1/uploads/P1', [json(410, { code: 'gone' })]]);
    await expect(settle(abandonUpload(meta, never))).rejects.toThrow(RequestRefused);
    expect(requests()).toEqual(['DELETE /api/v1/uploads/P1']);
  });
});

describe('what is kept beside a recording', () => {
  it('comes back as it was', () => expect(decodeMeta(encodeMeta({ ...blank, title: 'größe' }))).toEqual({ ...blank, title: 'größe' }));
  it('overwrites a longer text whole', () => {
    const long = encodeMeta({ ...blank, title: 'x'.repeat(5000) });
    const short = encodeMeta(blank, long.length);
    expect(short.length).toBe(long.length);
    expect(decodeMeta(short)).toEqual(blank);
  });
  it.each(['', '{', 'null', '{"id":1}', '[]'])('%j is not one', (text) => expect(decodeMeta(text)).toBeNull());
});
