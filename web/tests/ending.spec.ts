import type { Page } from '@playwright/test';
import { flashesOf, tonesOf } from './decode';
import { downloadOriginal } from './faults';
import { AFTER, BEFORE, useMarkedDevices } from './markedDevices';
import { expect, test } from './story';
import { recorded, startRecording, stopRecording } from './steps';

test.use({ hasSpeech: false, bypassCSP: true }); // what is recorded comes from a worker of the story

/** What was recorded before and after clicks, as the tones that are heard one after the other. */
const heardIn = (original: Buffer) => tonesOf(original, [BEFORE, AFTER]);

async function throttle(page: Page, rate: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate });
}

for (const mode of ['Voice', 'Camera', 'Screen'] as const) {
  for (const rate of [1, 4]) {
    test(`${mode}: nothing is lost before Pause and Stop, with 1/${rate} of the computer`, async ({ signedIn: page }) => {
      await useMarkedDevices(page);
      await startRecording(page, mode, 'Ends with a mark');
      await throttle(page, rate);
      await recorded(page, 2);
      await page.getByRole('button', { name: 'Pause' }).click();
      const pausedAt = await page.getByRole('timer', { name: 'Recorded' }).textContent();
      await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
      await new Promise((resolve) => setTimeout(resolve, 2000)); // a pause is time
      await expect(page.getByRole('timer', { name: 'Recorded' })).toHaveText(pausedAt!);
      await page.getByRole('button', { name: 'Go on' }).click();
      await recorded(page, 5);
      const original = await downloadOriginal(page, await stopRecording(page));

      expect(heardIn(original)).toEqual([BEFORE, AFTER, BEFORE, AFTER]);
      if (mode !== 'Voice') expect(flashesOf(original)).toHaveLength(2);
    });
  }
}
