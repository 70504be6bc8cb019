import { chromium } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bare, draw, ffmpeg, speaking } from './film';
import { camera } from './scenes';

/** Writes the film that plays before the browser's fake camera; answers with what takes it away. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-camera-'));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  await draw(await browser.newPage(), speaking(24).map(bare), folder, 'face');
  await browser.close();
  await ffmpeg(['-framerate', '12', '-i', 'face%d.jpg', '-vf', 'fps=30', '-c:v', 'mjpeg', '-q:v', '3', camera], folder);
  await rm(folder, { recursive: true, force: true });
  return () => rm(camera, { force: true });
}
