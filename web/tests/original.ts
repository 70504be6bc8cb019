import { writeFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { expect } from './story';
import { originalOf } from './tus';

/** Waits for the clip and writes its original to a file of the story, whose path it returns. */
export async function saveOriginal(page: Page, clip: string, info: TestInfo): Promise<string> {
  await expect
    .poll(async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { state: string }).state)
    .toBe('ready');
  const path = info.outputPath('original');
  await writeFile(path, await originalOf(page.request, clip));
  return path;
}
