// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, Growing, Server } from './testing';
import { encodeMetadata, pushUpload, RequestRefused, uploadFile, type UploadTrouble } from './tus';

const metadata = { clip_id: 'C1', filetype: 'video/mp4' };
let server: Server;

beforeEach(() => {
  server = new Server();
  vi.useFakeTimers();
  vi.stubGlobal('fetch', server.fetch);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function whole(n: number): Growing {
  const s = new Growing();
  s.add(n);
  s.seal();
  return s;
}

/** Runs the clock until the upload has ended. */
async function settle<T>(upload: Promise<T>): Promise<T> {
  let over = false;
  upload.then(
    () => (over = true),
    () => (over = true),
  );
  for (let i = 0; !over && i < 1000; i++) await vi.advanceTimersByTimeAsync(1000);
  return upload;
}

describe('a live recording', () => {
  it('is sent as it grows, and its length with the last bytes', async () => {
    const source = new Growing();
    const seen: number[] = [];
    const paths: string[] = [];
    const done = pushUpload(source, { metadata, onProgress: (n) => seen.push(n), onPath: (p) => paths.push(p) });
    source.add(10);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.data).toHaveLength(10);
    expect(server.length).toBeNull();
    source.add(5);
    source.seal();
    expect(await settle(done)).toBe('/api/v1/uploads/U1');
    expect(server.data).toEqual(source.all);
    expect(server.length).toBe(15);
    expect(seen.at(-1)).toBe(15);
    expect(paths).toEqual(['/api/v1/uploads/U1']);
    expect(server.metadata).toBe(encodeMetadata(metadata));
  });

  it('that was all sent before the stop ends with an empty PATCH that says the length', async () => {
    const source = new Growing();
    source.add(4);
    const done = pushUpload(source, { metadata });
    await vi.advanceTimersByTimeAsync(1);
    source.seal();
    await settle(done);
    expect(server.log.at(-1)).toBe('PATCH /api/v1/uploads/U1 4+0');
    expect(server.length).toBe(4);
  });

  it('shows that it is alive while it is paused', async () => {
    const source = new Growing();
    source.add(4);
    const done = pushUpload(source, { metadata });
    await vi.advanceTimersByTimeAsync(1);
    const sent = server.log.length;
    await vi.advanceTimersByTimeAsync(61_000);
    expect(server.log.slice(sent)).toEqual(['PATCH /api/v1/uploads/U1 4+0', 'PATCH /api/v1/uploads/U1 4+0']);
    expect(server.length).toBeNull(); // it may grow still
    source.add(3);
    source.seal();
    await settle(done);
    expect(server.data).toEqual(source.all);
  });

  it('goes on in the same upload after a crash, from the byte the server has', async () => {
    server.exists = true;
    const source = whole(9);
    server.data = source.all.slice(0, 6);
    await settle(pushUpload(source, { metadata, path: '/api/v1/uploads/U1' }));
    expect(server.log).toEqual(['HEAD /api/v1/uploads/U1', 'PATCH /api/v1/uploads/U1 6+3']);
    expect(server.data).toEqual(source.all);
  });

  it('is sealed with what the server has when the disk kept less', async () => {
    server.exists = true;
    server.data = new Uint8Array([1, 2, 3, 4, 5]);
    await settle(pushUpload(whole(3), { metadata, path: '/api/v1/uploads/U1' }));
    expect(server.length).toBe(5);
  });

  it('cuts what is large into PATCHes that grow', async () => {
    const source = whole(1_500_000);
    await settle(pushUpload(source, { metadata }));
    expect(server.log.slice(1)).toEqual([
      'PATCH /api/v1/uploads/U1 0+262144',
      'PATCH /api/v1/uploads/U1 262144+524288',
      'PATCH /api/v1/uploads/U1 786432+713568',
    ]);
    expect(server.data.every((byte, i) => byte === source.all[i])).toBe(true);
  });
});

describe('whatever happens on the way, the server ends with the same bytes', () => {
  const reset = () => Promise.reject(new TypeError('connection reset'));
  const lostAnswer = (_: string, apply: () => Response) => (apply(), reset());
  const troubles: [string, Server['faults'], UploadTrouble | null][] = [
    ['a reset before the request', [reset], 'unreachable'],
    ['the answer to POST lost', [lostAnswer], 'unreachable'],
    ['the answer to PATCH lost', [() => null, lostAnswer], 'unreachable'],
    ['the answer to the last PATCH lost and the HEAD after it too', [() => null, lostAnswer, lostAnswer], 'unreachable'],
    ['a 500', [() => null, () => answer(500)], 'failing'],
    ['a server without space', [() => answer(507, { 'Retry-After': '0' }, { code: 'storage_full' }), () => answer(507)], 'full'],
    ['a proxy without a server', [() => answer(502), () => answer(502), () => answer(504)], 'failing'],
    ['429 with Retry-After', [() => answer(429, { 'Retry-After': '6' })], 'busy'],
    ['an ended session', [() => null, () => answer(401), () => answer(401)], 'signed_out'],
    ['a second writer', [() => null, () => answer(409)], null],
    ['silence until the deadline', [() => null, () => new Promise<Response>(() => {})], 'unreachable'],
    ['an answer without Upload-Offset', [() => null, (_, apply) => (apply(), answer(204))], 'failing'],
    ['a POST answered without Location', [() => answer(201)], 'failing'],
  ];
  it.each(troubles)('%s', async (_, faults, trouble) => {
    server.faults = faults;
    const source = whole(2000);
    const told: (UploadTrouble | null)[] = [];
    await settle(pushUpload(source, { metadata, onTrouble: (t) => told.push(t) }));
    expect(server.data).toEqual(source.all);
    expect(server.length).toBe(2000);
    expect(told).toEqual(trouble ? expect.arrayContaining([trouble]) : [null]);
    expect(told.at(-1)).toBeNull();
  });

  it('finds the upload again when it has bytes and POST says 409', async () => {
    server.exists = true;
    const source = whole(8);
    server.data = source.all.slice(0, 5);
    await settle(pushUpload(source, { metadata }));
    expect(server.log).toEqual(['POST /api/v1/uploads', 'HEAD /api/v1/uploads/U1', 'PATCH /api/v1/uploads/U1 5+3']);
  });

  it('returns to work at once when the network is back', async () => {
    server.faults = Array(20).fill(reset);
    const done = pushUpload(whole(3), { metadata });
    await vi.advanceTimersByTimeAsync(60_000);
    const before = server.log.length;
    globalThis.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(server.log).toHaveLength(before + 1);
    await settle(done);
    expect(server.data).toHaveLength(3);
  });

  it('says offline when the browser knows it is', async () => {
    vi.stubGlobal('navigator', { onLine: false });
    server.faults = [reset];
    const told: (UploadTrouble | null)[] = [];
    await settle(pushUpload(whole(3), { metadata, onTrouble: (t) => told.push(t) }));
    expect(told).toEqual(['offline', null]);
  });
});

describe('a proxy with a limit', () => {
  it('gets smaller parts until they pass, and no larger ones afterwards', async () => {
    const limit = 100_000;
    let refused = 0;
    const limits: number[] = [];
    server.faults = Array(200).fill((method: string, apply: () => Response) => {
      const part = method === 'PATCH' ? Number(server.log.at(-1)!.split('+')[1]) : 0;
      if (part > limit) refused++;
      return part > limit ? answer(413) : apply();
    });
    await settle(pushUpload(whole(1_000_000), { metadata, onProxyLimit: (bytes) => limits.push(bytes) }));
    expect(server.data).toHaveLength(1_000_000);
    expect(refused).toBe(2);
    expect(limits).toEqual([256 << 10, 128 << 10]);
  });
});

describe('a proxy that lets no large part through and does not say why', () => {
  const silences: [string, () => Response | Promise<Response>][] = [
    ['resets the connection', () => Promise.reject(new TypeError('connection reset'))],
    ['answers 502', () => answer(502)],
  ];
  it.each(silences)('%s: smaller parts get through', async (_, refuse) => {
    let refused = 0;
    server.faults = Array(500).fill((method: string, apply: () => Response) => {
      const part = method === 'PATCH' ? Number(server.log.at(-1)!.split('+')[1]) : 0;
      if (part > 150_000) refused++;
      return part > 150_000 ? refuse() : apply();
    });
    await settle(pushUpload(whole(3_000_000), { metadata }));
    expect(server.data).toHaveLength(3_000_000);
    expect(refused).toBeLessThan(6); // larger ones are tried again now and then
  });
});

describe('the last word of a server', () => {
  const refusals: [number, object | undefined, string, string][] = [
    [413, { code: 'quota', detail: 'The workspace is full.' }, 'quota', 'The workspace is full.'],
    [413, { code: 'too_large', detail: 'At most 20 GB.' }, 'too_large', 'At most 20 GB.'],
    [
      413,
      undefined,
      'proxy_limit',
      'The proxy in front of the server takes less than 64 KB in one request: ask whoever runs it for more (nginx: client_max_body_size).',
    ],
    [415, { code: 'unsupported_media', detail: 'This is a text.' }, 'unsupported_media', 'This is a text.'],
    [410, undefined, 'gone', 'The server has closed this upload.'],
    [404, undefined, 'not_found', 'The server does not know this upload.'],
    [403, undefined, 'forbidden', 'You may not upload here.'],
    [418, undefined, 'invalid', 'The server refused the upload (418).'],
  ];
  it.each(refusals)('%i %o is not tried again', async (status, problem, code, sentence) => {
    server.faults = [() => null, () => answer(status, {}, problem)];
    const refused = await settle(pushUpload(whole(3), { metadata })).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(RequestRefused);
    expect(refused).toMatchObject({ code, message: sentence });
    expect(server.log).toHaveLength(2);
  });

  it('a caller can end it, also while it waits', async () => {
    server.faults = Array(50).fill(() => answer(500));
    const stop = new AbortController();
    const done = pushUpload(whole(3), { metadata, signal: stop.signal });
    const ended = expect(done).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(2000);
    stop.abort(new Error('enough'));
    await ended;
  });
});

describe('uploadFile', () => {
  it('sends a file with its length, name and type', async () => {
    const progress: number[] = [];
    const file = new File([new Uint8Array([1, 2, 3])], 'größe.mp4', { type: 'video/mp4' });
    await settle(uploadFile(file, { clipId: 'C9', onProgress: (n) => progress.push(n) }));
    expect([...server.data]).toEqual([1, 2, 3]);
    expect(server.length).toBe(3);
    expect(progress.at(-1)).toBe(3);
    expect(server.metadata.split(',').map((pair) => pair.split(' ')[0])).toEqual(['clip_id', 'filetype', 'filename']);
    const name = atob(server.metadata.split('filename ')[1]!);
    expect(new TextDecoder().decode(Uint8Array.from(name, (c) => c.charCodeAt(0)))).toBe('größe.mp4');
  });

  it('says so when the file has changed or gone', async () => {
    const file = new File([new Uint8Array([1])], 'a.mp4');
    vi.spyOn(file, 'slice').mockReturnValue({
      arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')),
    } as unknown as Blob);
    await expect(settle(uploadFile(file, { clipId: 'C9' }))).rejects.toMatchObject({ code: 'unreadable' });
  });
});
