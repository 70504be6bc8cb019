import type { Page } from '@playwright/test';
import { installFaults, stopSharing } from '../encoderFaults';
import { clipIsReady } from '../faults';
import { recorded, startRecording, stopRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';
import { giveUpTranscript, startButton } from './prepare';

test.use({ hasSpeech: true });

const title = 'The review of Tuesday';

/** Sharing that is stopped ends the recording, and the clip's page offers to go on. */
async function endByItself(page: Page): Promise<void> {
  await installFaults(page);
  await startRecording(page, 'Screen', title);
  await recorded(page, 3);
  await stopSharing(page);
  await page.waitForURL(/\/c\//);
  await expect(page.getByRole('link', { name: 'Go on in the same clip' })).toBeVisible();
}

test('going on in the same clip', async ({ signedIn: page }) => {
  await endByItself(page);
  await page.getByRole('link', { name: 'Go on in the same clip' }).click();
  await expect(page.getByText(/Record again, and it follows at/)).toBeVisible();
  await expect(page.getByText('We can hear you')).toBeVisible();
  await look(page, 'continue-offered');
  await startButton(page).click();
  await page.getByRole('button', { name: 'Start now' }).click();
  await recorded(page, 5);
  await look(page, 'continue-recording');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('dialog')).toContainText('The clip is kept as it was');
  await look(page, 'continue-discard');
});

test('a part that became a clip of its own', async ({ signedIn: page }) => {
  await endByItself(page);
  await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((key) => key.startsWith('tidings.ended.'))!;
    sessionStorage.setItem(key, sessionStorage.getItem(key)!.replace('avc3', 'avc1').replace('vp9', 'vp8'));
  });
  await page.reload();
  await page.getByRole('link', { name: 'Go on in the same clip' }).click();
  await startButton(page).click();
  await page.getByRole('button', { name: 'Start now' }).click();
  await recorded(page, 5);
  await stopRecording(page);
  await expect(page.getByText('This part became a clip of its own')).toBeVisible();
  await look(page, 'continue-separate');
});

test('a recording that can no longer be continued', async ({ signedIn: page }) => {
  await page.goto('/record?continue=01ARZ3NDEKTSV4RRFFQ69G5FAV');
  await expect(page.getByText(/can no longer be continued/)).toBeVisible();
  await look(page, 'continue-over');
});

test('a better transcript that was given up', async ({ signedIn: page }) => {
  await startRecording(page, 'Voice', title);
  await recorded(page, 3);
  const clip = await stopRecording(page);
  await clipIsReady(page, clip);
  const isWritten = async () => ((await (await page.request.get(`/api/v1/clips/${clip}/transcript`)).json()) as { state: string }).state;
  await expect.poll(isWritten, { timeout: 60_000 }).toBe('done'); // no events come after that
  await giveUpTranscript(page, clip);
  await page.goto(`/c/${clip}`);
  await page.getByRole('tab', { name: /Transcript/ }).click();
  await expect(page.getByText('No better transcript could be made')).toBeVisible();
  await look(page, 'transcript-given-up');
});
