import type { Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { speaker } from './scenes';

const run = promisify(execFile);

/** Speech in the public domain, of the repository. */
export const voice = (name: string) => fileURLToPath(new URL(`../../../transcribe/testdata/${name}.wav`, import.meta.url));

export const ffmpeg = (args: string[], cwd: string) => run('ffmpeg', ['-v', 'error', '-y', ...args], { cwd });

/** One picture and how long it is seen, in seconds. */
export interface Shot {
  html: string;
  seconds: number;
}

/** Draws pages into numbered JPEG files 1280×720 in `folder`. */
export async function draw(page: Page, pages: string[], folder: string, name: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 720 });
  for (const [i, html] of pages.entries()) {
    await page.setContent(html);
    await page.screenshot({ path: join(folder, `${name}${i}.jpg`), type: 'jpeg', quality: 92 });
  }
}

export const bare = (svg: string) => `<!doctype html><body style="margin:0">${svg}`;

/**
 * A clip of `shots` with the speech as its sound, as a screen recorder makes it: H.264 and AAC in a
 * fast-start MP4. With a bubble the speaker is seen in a corner.
 */
export async function film(page: Page, shots: Shot[], wav: string, bubble = false): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-film-'));
  try {
    await draw(
      page,
      shots.map((s) => s.html),
      folder,
      'shot',
    );
    const list = shots.map((s, i) => `file shot${i}.jpg\nduration ${s.seconds.toFixed(3)}`).join('\n');
    await writeFile(join(folder, 'list.txt'), `${list}\nfile shot${shots.length - 1}.jpg\n`);
    const inputs = ['-f', 'concat', '-i', 'list.txt', '-i', wav];
    const picture = bubble ? await withBubble(page, folder, inputs) : ['-map', '0:v', '-vf', 'fps=30'];
    await ffmpeg(
      [
        ...inputs,
        ...picture,
        '-map',
        '1:a',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '18',
        '-pix_fmt',
        'yuv420p',
        '-g',
        '60',
        '-c:a',
        'aac',
        '-b:a',
        '128k',
        '-shortest',
        '-movflags',
        '+faststart',
        'film.mp4',
      ],
      folder,
    );
    return await readFile(join(folder, 'film.mp4'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withBubble(page: Page, folder: string, inputs: string[]): Promise<string[]> {
  await draw(page, speaking(24).map(bare), folder, 'face');
  await page.setContent(
    '<!doctype html><body style="margin:0;background:#000"><div style="width:188px;height:188px;border-radius:50%;background:#fff"></div>',
  );
  await page.screenshot({ path: join(folder, 'mask.png'), clip: { x: 0, y: 0, width: 188, height: 188 } });
  inputs.push('-stream_loop', '-1', '-framerate', '12', '-i', 'face%d.jpg', '-loop', '1', '-i', 'mask.png');
  const graph =
    '[0:v]fps=30[screen];[2:v]fps=30,crop=560:560:380:110,scale=188:188,format=rgba[face];[3:v]format=gray[mask];[face][mask]alphamerge[bubble];[screen][bubble]overlay=W-w-28:H-h-28,format=yuv420p[out]';
  return ['-filter_complex', graph, '-map', '[out]'];
}

/** The speaker, `n` pictures of two seconds. */
export const speaking = (n: number) => Array.from({ length: n }, (_, i) => speaker((i * 2 * Math.PI) / n));

/** Sound alone, as a browser records it, from a second of the speech on. */
export async function sound(wav: string, from = 0): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-film-'));
  try {
    await ffmpeg(['-ss', String(from), '-i', wav, '-c:a', 'libopus', '-b:a', '48k', 'sound.webm'], folder);
    return await readFile(join(folder, 'sound.webm'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
