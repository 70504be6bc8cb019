import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, signIn, test, workspace } from './story';

const program = fileURLToPath(new URL('tus-client.mjs', import.meta.url));

/** A WAV of noise, 16 kHz mono 16 bit, of a little over the given bytes. */
function noise(bytes: number): Buffer {
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

test('tus-js-client uploads, pauses, is killed, and resumes where it was', async ({ server, page }) => {
  await signIn(page.request);
  const made = await page.request.post('/api/v1/tokens', { data: { name: 'tus', scope: 'write' } });
  const { secret } = (await made.json()) as { secret: string };
  const clip = (await (
    await page.request.post('/api/v1/clips', { data: { workspace_id: await workspace(page.request), kind: 'file' } })
  ).json()) as { id: string };
  const dir = await mkdtemp(join(tmpdir(), 'tidings-tus-'));
  const bytes = noise(4 << 20);
  await writeFile(join(dir, 'noise.wav'), bytes);
  const args = [program, `${server.base}/api/v1/uploads`, secret, clip.id, join(dir, 'noise.wav'), join(dir, 'urls.json')];

  const first: string[] = [];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  let after = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    first.push(line);
    if (first.includes('paused') && line.startsWith('accepted') && ++after === 3) child.kill('SIGKILL');
  }
  await gone;
  expect(first).toContain('paused');
  expect(first).not.toContain('done');

  const again = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const second: string[] = [];
  for await (const line of createInterface({ input: again.stdout })) second.push(line);
  expect(second[0]).toBe('resumes');
  expect(second.at(-1)).toBe('done');
  const chunks = second.filter((l) => l.startsWith('accepted')).length;
  expect(chunks).toBeLessThan(16); // not from the start

  const original = await page.request.get(`/api/v1/clips/${clip.id}/media/original`);
  const sum = (b: Buffer) => createHash('sha256').update(b).digest('hex');
  expect(sum(await original.body())).toBe(sum(bytes));
});
