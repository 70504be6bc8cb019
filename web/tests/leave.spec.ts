import { writeFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { decodedSeconds, longestGap } from './decode';
import { expect, test } from './story';
import { recorded, startRecording, stopRecording } from './steps';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

/** Answers the browser's question after a while, as people do. */
function answerQuestion(page: Page, leave: boolean): Promise<void> {
  return new Promise((resolve) =>
    page.once('dialog', async (dialog) => {
      expect(dialog.type()).toBe('beforeunload');
      await new Promise((r) => setTimeout(r, 1500));
      await (leave ? dialog.accept() : dialog.dismiss());
      resolve();
    }),
  );
}

async function keep(info: TestInfo, name: string, bytes: Buffer): Promise<string> {
  const path = info.outputPath(name);
  await writeFile(path, bytes);
  return path;
}

const ways = [
  ['Camera', 'reload'],
  ['Camera', 'back'],
  ['Voice', 'reload'],
  ['Voice', 'back'],
  ['Screen', 'reload'],
] as const;
for (const [mode, way] of ways) {
  test(`${mode}, ${way} in the middle: at most half a second before the question is lost`, async ({ signedIn: page }) => {
    const title = `${mode} ${way}`;
    await page.goto('/library');
    await startRecording(page, mode, title);
    await recorded(page, 5); // at the turn of the second
    const answered = answerQuestion(page, true);
    await Promise.all([way === 'reload' ? page.reload() : page.goBack(), answered]);
    if (way === 'back') await page.goto('/record');
    const offer = page.getByRole('region', { name: 'A recording that was cut off' }).filter({ hasText: title });
    const download = page.waitForEvent('download');
    await offer.getByRole('button', { name: 'Save as a file' }).click();
    expect(decodedSeconds(await (await download).path())).toBeGreaterThan(4.5);
    await offer.getByRole('button', { name: 'Recover it' }).click();
    await expect(page.getByRole('heading', { name: 'Your recording is safe' })).toBeVisible();
  });
}

test('to stay is to go on: the sound has no gap', async ({ signedIn: page }, info) => {
  await startRecording(page, 'Camera', 'Stays');
  await recorded(page, 3);
  const answered = answerQuestion(page, false);
  await page.reload({ timeout: 5000 }).catch(() => {}); // it does not happen
  await answered;
  await recorded(page, 8);
  const clip = await stopRecording(page);
  await expect
    .poll(async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { state: string }).state)
    .toBe('ready');
  const original = await keep(info, 'original', await originalOf(page.request, clip));
  expect(decodedSeconds(original)).toBeGreaterThan(7.5);
  expect(longestGap(original)).toBeLessThan(0.5);
});
