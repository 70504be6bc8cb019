import type { Page } from '@playwright/test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ffmpeg } from './film';

const folder = fileURLToPath(new URL('../../../docs/images', import.meta.url));

const looks = {
  light: { colorScheme: 'light', width: 1280, height: 800 },
  dark: { colorScheme: 'dark', width: 1280, height: 800 },
  phone: { colorScheme: 'light', width: 390, height: 844 },
} as const;

/** Takes screenshots of a page in light, in dark and on a phone, into docs/images/<name>-<look>.png. */
export async function take(page: Page, name: string, ready = async (_: Page) => {}): Promise<void> {
  for (const [look, { colorScheme, width, height }] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await ready(page);
    await calm(page);
    await save(await page.screenshot({ animations: 'disabled', caret: 'hide' }), `${name}-${look}.png`);
  }
}

/** Fonts and pictures are there, and two frames were painted since. */
const calm = (page: Page) =>
  page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all([...document.images].filter((i) => i.loading !== 'lazy').map((i) => i.decode().catch(() => {})));
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  });

/** Writes a PNG with a palette of its own 256 colours: a third of the bytes, and nobody sees it. */
async function save(png: Buffer, name: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'tidings-image-'));
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(work, 'whole.png'), png);
    await ffmpeg(
      [
        '-i',
        'whole.png',
        '-vf',
        'split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=sierra2_4a',
        '-compression_level',
        '100',
        '-pred',
        'mixed',
        '-frames:v',
        '1',
        '-update',
        '1',
        join(folder, name),
      ],
      work,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
