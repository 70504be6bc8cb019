import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, type APIRequestContext, type Page } from '@playwright/test';
import { workspace } from './story';

/** A WAV of noise, 16 kHz mono 16 bit, of a little over the given bytes. */
export function noise(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16_000, 24);
  head.writeUInt32LE(32_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, randomBytes(bytes)]);
}

/** A clip of a file that is yet to come. */
export async function fileClip(request: APIRequestContext, title?: string): Promise<string> {
  const made = await request.post('/api/v1/clips', { data: { workspace_id: await workspace(request), kind: 'file', title } });
  expect(made.status()).toBe(201);
  return ((await made.json()) as { id: string }).id;
}

/** The secret of a token with which another program uploads. */
export async function uploadToken(request: APIRequestContext): Promise<string> {
  const made = await request.post('/api/v1/tokens', { data: { name: 'tus', scope: 'write' } });
  expect(made.status()).toBe(201);
  return ((await made.json()) as { secret: string }).secret;
}

export async function originalOf(request: APIRequestContext, clip: string): Promise<Buffer> {
  const answer = await request.get(`/api/v1/clips/${clip}/media/original`);
  expect(answer.status()).toBe(200);
  return answer.body();
}

/** A file of a package as it was published. */
export const packageFile = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)), 'utf8');

/**
 * Opens another product's page at the server's own address, as behind one proxy: it runs the scripts,
 * speaks to the real server, and has none of our pages' rules on content.
 */
export async function openForeignPage(page: Page, scripts: string[], files: Record<string, Buffer> = {}): Promise<void> {
  await page.route('**/foreign/**', async (route) => {
    const path = new URL(route.request().url()).pathname;
    const script = /^\/foreign\/(\d+)\.js$/.exec(path)?.[1];
    if (script) await route.fulfill({ contentType: 'text/javascript; charset=utf-8', body: scripts[Number(script)]! });
    else if (files[path]) await route.fulfill({ body: files[path] });
    else await route.fulfill({ contentType: 'text/html; charset=utf-8', body: foreignPage(scripts.length) });
  });
  await page.goto('/foreign/');
}

const foreignPage = (scripts: number) =>
  `<!doctype html><title>Another product</title><input type="file" multiple>${Array.from({ length: scripts }, (_, i) => `<script src="/foreign/${i}.js"></script>`).join('')}`;
