import type { Page } from '@playwright/test';
import { decodedSeconds } from './decode';
import { accessible, expect, test } from './story';
import { recordedMore, startRecording } from './steps';

test.use({ hasSpeech: false, hasSmallDevices: false });

/** Lets the browser keep only so many bytes of this site on its disk. */
async function limitDisk(page: Page, bytes: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: bytes });
}

test('a full disk, then no server: the file has all of the recording', async ({ signedIn: page, server }) => {
  await page.goto('/record');
  await limitDisk(page, 1_000_000);
  await startRecording(page, 'Camera', 'More than fits');
  await expect(page.getByText(/no more room on this computer/)).toBeVisible({ timeout: 90_000 }); // a slow encoder fills it slowly
  await recordedMore(page, 2);
  await server.kill();
  const clock = await recordedMore(page, 3);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByText('Waiting to send the rest')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toContain('More than fits');
  expect(decodedSeconds(await saved.path())).toBeGreaterThan(clock - 1);
  await server.run();
});

test('a full disk, then a tab that dies: the file says before where it ends', async ({ signedIn: page, context }) => {
  await page.goto('/record');
  await limitDisk(page, 600_000);
  await startRecording(page, 'Camera', 'Cut by the disk');
  await expect(page.getByText(/no more room on this computer/)).toBeVisible({ timeout: 90_000 });
  await recordedMore(page, 4);
  await page.close({ runBeforeUnload: false });

  const next = await context.newPage();
  await next.goto('/record');
  const offer = next.getByRole('region', { name: 'A recording that was cut off' }).filter({ hasText: 'Cut by the disk' });
  await expect(offer).toContainText(/no more room on this computer from 0:\d\d on/);
  await offer.getByRole('button', { name: 'Save as a file' }).click();
  const question = next.getByRole('dialog');
  await expect(question).toContainText(/This file ends at 0:\d\d of 0:\d\d/);
  await accessible(next);
  const said = Number(/This file ends at 0:(\d\d)/.exec((await question.textContent()) ?? '')![1]);
  const download = next.waitForEvent('download');
  await question.getByRole('button', { name: 'Save this part' }).click();
  const length = decodedSeconds(await (await download).path());
  expect(Math.abs(length - said)).toBeLessThan(2.5);
});
