import { allowUnplugging, denySoundOutput, exposeAudioGraphs, interruptSound, plugIn, removeAll, unplug } from '../faults';
import { installFaults } from '../encoderFaults';
import { recorded, startRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';

test.beforeEach(({ signedIn: page }) => allowUnplugging(page));

test('nothing is wrong', async ({ signedIn: page }) => {
  await page.goto('/record');
  await expect(page.locator('video').first()).toBeVisible();
  await look(page, 'ready');
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await expect(page.getByText(/^Saved, /)).toBeVisible();
  await look(page, 'recording');
  await page.getByText('Microphone and camera').click();
  await look(page, 'recording-devices');
  await page.getByRole('button', { name: 'Pause' }).click();
  await look(page, 'paused');
});

test('a microphone that goes, and comes back', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 2);
  await unplug(page, 'audioinput');
  await expect(page.getByText(/Going on with Fake/)).toBeVisible();
  await look(page, 'microphone-replaced');
  await plugIn(page, 'audioinput');
  await expect(page.getByText(/is connected again/)).toBeVisible();
  await look(page, 'microphone-back');
});

test('a microphone that goes, without another', async ({ signedIn: page }) => {
  await startRecording(page, 'Voice', 'The review of Tuesday');
  await recorded(page, 2);
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/nobody hears you until you connect one/)).toBeVisible();
  await look(page, 'microphone-missing');
});

test('before a recording: without a microphone', async ({ signedIn: page }) => {
  await page.goto('/record');
  await expect(page.getByText('We can hear you')).toBeVisible();
  await unplug(page, 'audioinput');
  await expect(page.getByText(/Going on with Fake/)).toBeVisible();
  await look(page, 'microphone-replaced-before');
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/Connect one, and it is used/)).toBeVisible();
  await look(page, 'microphone-missing-before');
});

test('a camera that goes', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 2);
  await removeAll(page, 'videoinput');
  await expect(page.getByText(/Your sound goes on/)).toBeVisible();
  await look(page, 'camera-missing');
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/nobody hears you/)).toBeVisible();
  await look(page, 'camera-and-microphone-missing');
});

test('a bubble’s camera that goes', async ({ signedIn: page }) => {
  await startRecording(page, 'Screen and camera', 'The review of Tuesday');
  await recorded(page, 2);
  await removeAll(page, 'videoinput');
  await expect(page.getByText(/Your screen and sound go on/)).toBeVisible();
  await look(page, 'bubble-camera-missing');
});

for (const kind of ['audio', 'video'] as const) {
  test(`muted by the system: ${kind}`, async ({ signedIn: page }) => {
    await installFaults(page);
    await startRecording(page, 'Camera', 'The review of Tuesday');
    await recorded(page, 2);
    await page.evaluate((kind) => {
      for (const t of globalThis.faults.tracks) if (t.kind === kind) t.dispatchEvent(new Event('mute'));
    }, kind);
    await expect(page.getByText(/comes from Fake|comes from fake/)).toBeVisible();
    await look(page, kind === 'audio' ? 'microphone-muted-by-system' : 'camera-muted-by-system');
  });
}

test('muted by the person', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 2);
  await page.keyboard.press('Alt+Shift+M');
  await expect(page.getByText('You are muted')).toBeVisible();
  await look(page, 'muted-by-person');
});

test('unheard', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await page.evaluate(() => globalThis.faults.tracks.filter((t) => t.kind === 'audio').forEach((t) => (t.enabled = false)));
  await expect(page.getByText(/We can’t hear you/)).toBeVisible();
  await look(page, 'unheard');
});

test('unheard before a recording', async ({ signedIn: page }) => {
  await installFaults(page);
  await page.goto('/record');
  await expect(page.getByText('We can hear you')).toBeVisible();
  await page.evaluate(() => globalThis.faults.tracks.filter((t) => t.kind === 'audio').forEach((t) => (t.enabled = false)));
  await expect(page.getByText(/We can’t hear you/).first()).toBeVisible();
  await look(page, 'unheard-before');
});

test('a graph that stands still', async ({ signedIn: page }) => {
  await exposeAudioGraphs(page);
  await startRecording(page, 'Voice', 'The review of Tuesday');
  await recorded(page, 2);
  await page.evaluate(() => (AudioContext.prototype.resume = () => Promise.resolve()));
  await interruptSound(page);
  await expect(page.getByText(/You are not heard/)).toBeVisible();
  await look(page, 'graph-stalled');
});

test('a computer without sound output', async ({ signedIn: page }) => {
  await denySoundOutput(page);
  await startRecording(page, 'Voice', 'The review of Tuesday');
  await expect(page.getByText(/The level cannot be shown/)).toBeVisible();
  await look(page, 'graph-unused');
  await recorded(page, 3);
  await removeAll(page, 'audioinput').catch(() => {}); // the page may be left at once
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/Your microphone was disconnected at/)).toBeVisible();
  await look(page, 'ended-microphone');
});
