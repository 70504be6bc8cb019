import type { Page } from '@playwright/test';
import { failEncoder, installFaults } from '../encoderFaults';
import { allowUnplugging, removeAll } from '../faults';
import { recorded, skipCountdown, startRecording, stopRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';
import { answerUploads, failDevices, failSpool } from './prepare';

/** A clip, and the recorder of a reply to it. */
async function openReply(page: Page, by: 'voice' | 'video'): Promise<void> {
  await startRecording(page, 'Voice', 'The review of Tuesday');
  await recorded(page, 3);
  await stopRecording(page);
  await page.getByRole('button', { name: `Reply by ${by}` }).click();
}

/** The same, while it is recorded. */
async function recordReply(page: Page, by: 'voice' | 'video'): Promise<void> {
  await openReply(page, by);
  if (by === 'video') await page.getByRole('region', { name: 'Reply by video' }).getByRole('button', { name: 'Record' }).click();
  await skipCountdown(page);
  await recorded(page, 2);
}

test('a reply: camera and microphone go', async ({ signedIn: page }) => {
  await allowUnplugging(page);
  await recordReply(page, 'video');
  await removeAll(page, 'videoinput');
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/nobody hears you/)).toBeVisible();
  await look(page, 'reply-devices-missing');
});

test('a reply: an encoder that fails', async ({ signedIn: page }) => {
  await installFaults(page);
  await recordReply(page, 'video');
  await failEncoder(page);
  await expect(page.getByText(/was started again/)).toBeVisible();
  await look(page, 'reply-encoder-restarted');
});

test('a reply: offline, then refused', async ({ signedIn: page }) => {
  await recordReply(page, 'voice');
  await page.context().setOffline(true);
  await expect(page.getByText(/You are offline/).first()).toBeVisible();
  await look(page, 'reply-offline');
  await answerUploads(page, 413, { code: 'quota', detail: 'This workspace is full: 5 GB of 5 GB are used.' });
  await page.context().setOffline(false);
  await expect(page.getByText('The workspace is full')).toBeVisible();
  await expect(page.getByText(/This workspace is full/)).toHaveCount(1); // in the card, and nowhere else
  await look(page, 'reply-refused');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Save as a file' })).toBeVisible();
  await look(page, 'reply-refused-stopped');
});

test('a reply: refused by the browser', async ({ signedIn: page }) => {
  await openReply(page, 'voice');
  await failDevices(page, 'any', 'NotAllowedError');
  await page.reload();
  await page.getByRole('button', { name: 'Reply by video' }).click();
  await expect(page.getByText(/may not use your/)).toBeVisible();
  await look(page, 'reply-refused-by-browser');
});

test('a reply: a worker that fails', async ({ signedIn: page }) => {
  await openReply(page, 'voice');
  await failSpool(page);
  await page.goto(`${page.url()}?t=1`); // a mark at the very edge of a phone is none of the recorder’s
  await page.getByRole('button', { name: 'Reply by voice' }).click();
  await skipCountdown(page);
  await expect(page.getByText('The recorder broke off')).toBeVisible();
  await expect(page.getByText('TypeError')).toHaveCount(0);
  await look(page, 'reply-broke-off');
});
