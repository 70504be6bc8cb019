import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, type APIRequestContext } from '@playwright/test';
import { workspace } from './story';

const sound = fileURLToPath(new URL('../../transcribe/testdata/jfk.wav', import.meta.url));

/** A clip made by the API, of which nothing is recorded yet: enough to talk about. */
export async function emptyClip(request: APIRequestContext, title: string): Promise<string> {
  const made = await request.post('/api/v1/clips', { data: { workspace_id: await workspace(request), kind: 'voice', title } });
  return ((await made.json()) as { id: string }).id;
}

/** Eleven seconds of speech, ready to be heard. */
export async function clipOf(request: APIRequestContext, title: string): Promise<string> {
  const id = await emptyClip(request, title);
  const bytes = await readFile(sound);
  const b64 = (text: string) => Buffer.from(text).toString('base64');
  const tus = { 'Tus-Resumable': '1.0.0' };
  const upload = await request.post('/api/v1/uploads', {
    headers: { ...tus, 'Upload-Length': String(bytes.length), 'Upload-Metadata': `clip_id ${b64(id)},filetype ${b64('audio/wav')}` },
  });
  expect(upload.status()).toBe(201);
  const sent = await request.patch(upload.headers().location!, {
    headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
    data: bytes,
  });
  expect(sent.status()).toBe(204);
  await expect
    .poll(async () => ((await (await request.get(`/api/v1/clips/${id}`)).json()) as { state: string }).state, { timeout: 90_000 })
    .toBe('ready');
  return id;
}

/** The titles of the clips that a search finds. */
export async function found(request: APIRequestContext, ws: string, q: string): Promise<string[]> {
  const answer = await request.get(`/api/v1/search?workspace=${ws}&q=${encodeURIComponent(q)}&limit=100`);
  expect(answer.status()).toBe(200);
  return ((await answer.json()) as { items: { clip: { title: string } }[] }).items.map((i) => i.clip.title);
}
