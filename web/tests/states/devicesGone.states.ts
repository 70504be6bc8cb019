import { allowUnplugging, denySoundOutput, forbid, removeAll, stallOpening, unplug } from '../faults';
import { installFaults } from '../encoderFaults';
import { recorded, startRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';
import { holdCountdown, pressRecord, slowSound } from './prepare';

const title = 'The review of Tuesday';

test.beforeEach(({ signedIn: page }) => allowUnplugging(page));

test('permission that is withdrawn while recording', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await forbid(page, 'videoinput');
  await expect(page.getByText(/no longer lets Tidings use the camera/)).toBeVisible();
  await look(page, 'camera-denied');
  await forbid(page, 'audioinput');
  await expect(page.getByText(/no longer lets Tidings use the microphone/)).toBeVisible();
  await look(page, 'camera-and-microphone-denied');
});

test('a browser that does not answer when another microphone is to take its place', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await stallOpening(page, Infinity);
  await unplug(page, 'audioinput');
  await expect(page.getByText(/Looking for another one/)).toBeVisible();
  await look(page, 'microphone-switching');
});

test('a microphone that goes in the countdown', async ({ signedIn: page }) => {
  await holdCountdown(page);
  await pressRecord(page, 'Camera');
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await unplug(page, 'audioinput');
  await expect(page.getByText(/Going on with Fake/)).toBeVisible();
  await look(page, 'countdown-microphone-replaced');
});

test('the only microphone that can be used goes in the countdown', async ({ signedIn: page }) => {
  await denySoundOutput(page);
  await holdCountdown(page);
  await pressRecord(page, 'Voice');
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/was disconnected, so nothing was recorded yet/)).toBeVisible();
  await look(page, 'countdown-microphone-gone');
});

test('unheard, on a computer without sound output', async ({ signedIn: page }) => {
  await installFaults(page);
  await denySoundOutput(page);
  await startRecording(page, 'Voice', title);
  await page.evaluate(() => globalThis.faults.tracks.filter((t) => t.kind === 'audio').forEach((t) => (t.enabled = false)));
  await expect(page.getByText(/We can’t hear you, and this computer’s sound does not answer/)).toBeVisible();
  await look(page, 'graph-unused-unheard');
});

test('a computer that is too busy for sound', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await slowSound(page);
  await expect(page.getByText(/too busy for sound/)).toBeVisible();
  await look(page, 'sound-late');
});
