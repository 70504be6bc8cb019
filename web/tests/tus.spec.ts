import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, signIn, test } from './story';
import { fileClip, noise, originalOf, uploadToken } from './tus';

const program = fileURLToPath(new URL('tus-client.mjs', import.meta.url));

test('tus-js-client uploads, pauses, is killed, and resumes where it was', async ({ server, page }) => {
  await signIn(page.request);
  const clip = await fileClip(page.request);
  const dir = await mkdtemp(join(tmpdir(), 'tidings-tus-'));
  const bytes = noise(4 << 20);
  await writeFile(join(dir, 'noise.wav'), bytes);
  const args = [
    program,
    `${server.base}/api/v1/uploads`,
    await uploadToken(page.request),
    clip,
    join(dir, 'noise.wav'),
    join(dir, 'urls.json'),
  ];

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

  expect((await originalOf(page.request, clip)).equals(bytes)).toBe(true);
});
