import type { Page } from '@playwright/test';
import { decodedLength, loudness, longest, pictureTimes, soundSeconds } from './decode';
import { shareStillScreen } from './firefox/inPage';
import { silenceRecorder } from './silentRecorder';
import { openedClip, recorded, startRecording, stopAt, stopRecording } from './steps';
import { accessible, expect, plays, test } from './story';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

const usesCodecs = (page: Page) => page.workers().some((w) => w.url().includes('codecs.worker'));

/** Waits for WebCodecs to take over, and for the clock that begins again with its file. */
async function takenOver(page: Page): Promise<void> {
  await expect(page.getByText(/gave nothing for the first \d+ seconds/)).toBeVisible();
  await expect(page.getByText(/^Saved, 0:0\d/)).toBeVisible();
}

test('a recorder that gives no picture: WebCodecs records picture and sound, and a pause is not in them', async ({ signedIn: page }) => {
  await silenceRecorder(page);
  await startRecording(page, 'Camera', 'By WebCodecs');
  await takenOver(page);
  expect(usesCodecs(page)).toBe(true);
  await recorded(page, 3);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
  await accessible(page); // takes its seconds, which are not recorded
  await accessible(page);
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 8);
  const clock = await stopAt(page);
  const original = await originalOf(page.request, await openedClip(page));
  await plays(page);
  const length = decodedLength(original);
  expect(length).toBeGreaterThan(clock - 1);
  expect(length, 'without the pause; Stop waits for what was said before it').toBeLessThan(clock + 3.5);
  const pictures = pictureTimes(original);
  expect(pictures.length).toBeGreaterThan(10);
  expect(Math.abs(soundSeconds(original) - pictures.at(-1)!), 'sound and picture end together').toBeLessThan(1.5);
  expect(
    longest(loudness(original), (l) => l > 0.01),
    'speech',
  ).toBeGreaterThan(0.4);
});

test('a recorder that gives no picture of a screen on which nothing moves: WebCodecs records it', async ({ signedIn: page }) => {
  await silenceRecorder(page);
  await page.addInitScript(shareStillScreen);
  await startRecording(page, 'Screen', 'A still screen by WebCodecs');
  await takenOver(page);
  await recorded(page, 6);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(soundSeconds(original)).toBeGreaterThan(5);
  expect(pictureTimes(original).at(-1)).toBeGreaterThan(5);
});

test('a voice is recorded as before: nothing of WebCodecs is loaded', async ({ signedIn: page }) => {
  await silenceRecorder(page);
  const asked: string[] = [];
  page.on('request', (r) => asked.push(r.url()));
  await startRecording(page, 'Voice', 'A voice alone');
  await recorded(page, 4);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(decodedLength(original)).toBeGreaterThan(3.5);
  expect(asked.filter((url) => url.includes('codecs'))).toEqual([]);
});
