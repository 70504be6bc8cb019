import { Readable } from 'node:stream';
import * as tus from 'tus-js-client';
import { expect, signIn, test } from './story';
import { fileClip, noise, openForeignPage, originalOf, packageFile, uploadToken } from './tus';

// What tus-js-client does in Node and in a page beyond its own end-to-end suite (tus-suite.spec.ts).
test.use({ alone: 'tus-client' });

type Source = tus.Upload['file'] | Readable | Buffer;

/** An upload by tus-js-client, and the requests it has sent: method, status and offset of the answer. */
class Sending {
  readonly requests: string[] = [];
  readonly done: Promise<void>;
  readonly upload: tus.Upload;

  constructor(source: Source, options: tus.UploadOptions) {
    let finish: () => void, fail: (e: Error) => void;
    this.done = new Promise((resolve, reject) => ([finish, fail] = [resolve, reject]));
    this.upload = new tus.Upload(source as tus.Upload['file'], {
      retryDelays: [],
      ...options,
      onAfterResponse: (request, response) => {
        this.requests.push(`${request.getMethod()} ${response.getStatus()} ${response.getHeader('Upload-Offset') ?? ''}`.trim());
      },
      onSuccess: () => finish(),
      onError: (e) => fail(e as Error),
    });
    this.done.catch(() => {}); // awaited later
    this.upload.start();
  }
}

interface Target {
  clip: string;
  /** Starts an upload to the clip. */
  send: (source: Source, options?: Partial<tus.UploadOptions>) => Sending;
  /** HEAD of an upload. */
  head: (url: string) => Promise<Response>;
  clipJSON: () => Promise<{ state: string; failure: string | null; trashed_at: string | null }>;
  original: () => Promise<Buffer>;
}

const withTarget = test.extend<{ target: Target }>({
  target: async ({ server, page }, use) => {
    await signIn(page.request);
    const clip = await fileClip(page.request);
    const headers = { Authorization: `Bearer ${await uploadToken(page.request)}` };
    const metadata = { clip_id: clip, filename: 'noise.wav', filetype: 'audio/wav' };
    await use({
      clip,
      send: (source, options) => new Sending(source, { endpoint: `${server.base}/api/v1/uploads/`, headers, metadata, ...options }),
      head: (url) => fetch(url, { method: 'HEAD', headers: { ...headers, 'Tus-Resumable': '1.0.0' } }),
      clipJSON: async () => (await page.request.get(`/api/v1/clips/${clip}`)).json(),
      original: () => originalOf(page.request, clip),
    });
  },
});

withTarget('a file in chunks, with metadata of every kind', async ({ target }) => {
  const bytes = noise(300_000);
  const metadata = { clip_id: target.clip, nonlatin: 'słońce', number: 100, relativePath: null, empty: '' };
  const sending = target.send(bytes, { chunkSize: 100_000, metadata: metadata as unknown as Record<string, string>, addRequestId: true });
  await sending.done;
  expect(sending.requests).toEqual(['POST 201 0', 'PATCH 204 100000', 'PATCH 204 200000', 'PATCH 204 300000', 'PATCH 204 300044']);
  expect((await target.original()).equals(bytes)).toBe(true);

  const head = await target.head(sending.upload.url!);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(head.headers.get('upload-metadata')).toBe(
    `clip_id ${base64(target.clip)},nonlatin c8WCb8WEY2U=,number MTAw,relativePath bnVsbA==,empty`,
  );
});

withTarget('a file with its creation: one request, or the first chunk in it', async ({ target, page, server }) => {
  const bytes = noise(200_000);
  const whole = target.send(bytes, { uploadDataDuringCreation: true });
  await whole.done;
  expect(whole.requests).toEqual(['POST 201 200044']);
  expect((await target.original()).equals(bytes)).toBe(true);

  const clip = await fileClip(page.request);
  const endpoint = `${server.base}/api/v1/uploads?clip_id=${clip}`;
  const chunked = target.send(bytes, { uploadDataDuringCreation: true, chunkSize: 150_000, endpoint, metadata: {} });
  await chunked.done;
  expect(chunked.requests).toEqual(['POST 201 150000', 'PATCH 204 200044']);
  expect((await originalOf(page.request, clip)).equals(bytes)).toBe(true);
});

withTarget('a creation with bytes whose answer is lost', async ({ target, page }) => {
  const bytes = noise(100_000);
  await page.route('**/api/v1/uploads', async (route) => {
    await page.unroute('**/api/v1/uploads');
    expect((await route.fetch()).status()).toBe(201);
    await route.abort('connectionreset');
  });
  await openForeignPage(page, [await packageFile('tus-js-client/dist/tus.min.js')], { '/foreign/noise.wav': bytes });
  await page.evaluate(async (clip) => {
    const { tus: client } = window as unknown as { tus: typeof tus };
    const file = await (await fetch('/foreign/noise.wav')).blob();
    await new Promise<void>((resolve, reject) =>
      new client.Upload(file, {
        endpoint: '/api/v1/uploads',
        metadata: { clip_id: clip },
        uploadDataDuringCreation: true,
        retryDelays: [100],
        onSuccess: () => resolve(),
        onError: reject,
      }).start(),
    );
  }, target.clip);
  expect((await target.original()).equals(bytes)).toBe(true);
});

withTarget('a stream whose length is known at its end', async ({ target }) => {
  const bytes = noise(500_000);
  const parts = Array.from({ length: 7 }, (_, i) => bytes.subarray(i * 80_000, (i + 1) * 80_000));
  const sending = target.send(Readable.from(parts), { uploadLengthDeferred: true, chunkSize: 200_000 });
  await sending.done;
  expect((await target.head(sending.upload.url!)).headers.get('upload-length')).toBe(String(bytes.length));
  expect((await target.original()).equals(bytes)).toBe(true);
});

withTarget('PATCH by another method', async ({ target }) => {
  const bytes = noise(100_000);
  const sending = target.send(bytes, { overridePatchMethod: true });
  await sending.done;
  expect(sending.requests).toEqual(['POST 201 0', 'POST 204 100044']);
  expect((await target.original()).equals(bytes)).toBe(true);
});

withTarget('termination of an unfinished upload, and of a finished one', async ({ target, page }) => {
  const open = target.send(noise(300_000), {
    chunkSize: 100_000,
    onChunkComplete: (_size, accepted) => {
      if (accepted === 200_000) void open.upload.abort(true).then(() => terminated());
    },
  });
  let terminated = () => {};
  await new Promise<void>((resolve) => (terminated = resolve));
  expect((await target.head(open.upload.url!)).status).toBe(410);
  expect((await target.clipJSON()).failure).toContain('cancelled');

  const clip = await fileClip(page.request);
  const finished = target.send(noise(100_000), { metadata: { clip_id: clip } });
  await finished.done;
  await finished.upload.abort(true);
  expect((await target.head(finished.upload.url!)).status).toBe(410);
  const trashed = (await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { trashed_at: string | null };
  expect(trashed.trashed_at).toBeTruthy();
});

withTarget('an empty file is an upload without a recording', async ({ target }) => {
  const sending = target.send(Buffer.alloc(0));
  await sending.done;
  expect(sending.requests).toEqual(['POST 201 0']);
  const clip = await target.clipJSON();
  expect(clip.state).toBe('failed');
  expect(clip.failure).toContain('Nothing was recorded');
});

withTarget('what is not supported or not allowed is said in a sentence', async ({ target, server }) => {
  const file = noise(100_000);
  const fails = async (options: Partial<tus.UploadOptions>, words: string) =>
    expect(target.send(file, options).done).rejects.toThrow(new RegExp(words));
  await fails({ parallelUploads: 2 }, 'does not concatenate uploads');
  await fails({ parallelUploads: 2, endpoint: `${server.base}/api/v1/uploads?clip_id=${target.clip}` }, 'does not concatenate uploads');
  await fails({ metadata: {} }, 'clip_id is needed');
  await fails({ headers: { Authorization: 'Bearer wrong' } }, 'response code: 401');
  await fails({ metadata: { clip_id: target.clip, long: 'x'.repeat(4000) } }, 'at most 4096 bytes');
  await expect(target.send(Buffer.from('no recording at all')).done).rejects.toThrow(/not a recording we can read/);
});

withTarget('the server is killed twice while a large file arrives, and every byte is there', async ({ target, server }) => {
  const bytes = noise(24 << 20);
  const chunk = 8 << 20;
  let acknowledged = 0;
  let kills = 0;
  let restarted = Promise.resolve();
  const kill = () => {
    kills++;
    restarted = restarted.then(() => server.kill()).then(() => server.run());
  };
  const sending = target.send(bytes, {
    chunkSize: chunk,
    retryDelays: Array<number>(200).fill(250),
    onChunkComplete: (_size, accepted) => {
      acknowledged = accepted;
      if (kills === 0) kill(); // between two requests
    },
    onProgress: (sent) => {
      if (kills === 1 && acknowledged > chunk && sent > acknowledged + (1 << 20)) kill(); // within a request
    },
  });
  await sending.done;
  await restarted;
  expect(kills).toBe(2);
  expect((await target.original()).equals(bytes)).toBe(true);

  let durable = 0;
  for (const [method, status, offset] of sending.requests.map((r) => r.split(' '))) {
    if (method === 'HEAD') expect(status).toBe('200');
    if (offset === undefined) continue;
    expect(Number(offset)).toBeGreaterThanOrEqual(durable); // what was acknowledged stays
    durable = Number(offset);
  }
  expect(sending.requests.filter((r) => r.startsWith('POST'))).toHaveLength(1);
  expect(sending.requests.filter((r) => r.startsWith('HEAD')).length).toBeGreaterThanOrEqual(2);
});

withTarget('a page finds its upload again after a reload', async ({ target, page }) => {
  const bytes = noise(500_000);
  const scripts = [await packageFile('tus-js-client/dist/tus.min.js')];
  const files = { '/foreign/noise.wav': bytes };
  const send = (pauseAt: number) =>
    page.evaluate(
      async ([clip, pauseAt]) => {
        const { tus: client } = window as unknown as { tus: typeof tus };
        const blob = await (await fetch('/foreign/noise.wav')).blob();
        const file = new File([blob], 'noise.wav', { type: 'audio/wav', lastModified: 1 });
        const offsets: number[] = [];
        const upload = await new Promise<tus.Upload>((resolve, reject) => {
          const upload: tus.Upload = new client.Upload(file, {
            endpoint: '/api/v1/uploads',
            metadata: { clip_id: clip },
            chunkSize: 100_000,
            onChunkComplete: (_size, accepted) => {
              offsets.push(accepted);
              if (accepted === pauseAt) void upload.abort().then(() => resolve(upload));
            },
            onSuccess: () => resolve(upload),
            onError: reject,
          });
          void upload.findPreviousUploads().then(([before]) => {
            if (before) upload.resumeFromPreviousUpload(before);
            upload.start();
          });
        });
        return { url: upload.url, offsets };
      },
      [target.clip, pauseAt] as const,
    );

  await openForeignPage(page, scripts, files);
  const first = await send(200_000);
  expect(first.offsets).toEqual([100_000, 200_000]);
  await page.reload();
  const second = await send(0);
  expect(second.url).toBe(first.url);
  expect(second.offsets).toEqual([300_000, 400_000, 500_000, 500_044]);
  expect((await target.original()).equals(bytes)).toBe(true);
});
