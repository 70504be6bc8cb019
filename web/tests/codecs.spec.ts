import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import {
  decodedLength,
  decodedSeconds,
  longest,
  longestGap,
  longestSilence,
  loudness,
  packetTimes,
  pictureTimes,
  soundSeconds,
} from './decode';
import { failEncoder, useTone } from './encoderFaults';
import { shareStillScreen } from './firefox/inPage';
import { saveOriginal } from './original';
import { silenceRecorder } from './silentRecorder';
import { openedClip, recorded, startRecording, stopAt, stopRecording } from './steps';
import { accessible, expect, plays, test } from './story';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

const HERTZ = 440;
const GAP = 1.5; // s: a worker that encodes is started anew
const SLACK = 3.5; // s: the clock shows whole seconds, Stop waits for two at most, and half a second is not worth a word

declare global {
  var codecs: Worker[];
}

/** Puts the workers of WebCodecs where a story can reach them. To be called before the page is opened. */
const exposeCodecs = (page: Page) =>
  page.addInitScript(() => {
    globalThis.codecs = [];
    globalThis.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (options?.name === 'codecs') globalThis.codecs.push(this);
      }
    };
  });

/** The encoder that is at work reports an error, as one that has no memory does. */
const failCodecs = (page: Page) =>
  page.evaluate(() => {
    const data = { type: 'error', message: 'no memory' };
    globalThis.codecs.at(-1)!.dispatchEvent(new MessageEvent('message', { data }));
  });

const usesCodecs = (page: Page) => page.workers().some((w) => w.url().includes('codecs.worker'));

/** Waits for WebCodecs to take over, and for the clock that begins again with its file. */
async function takenOver(page: Page): Promise<void> {
  await expect(page.getByText(/gave nothing for the first \d+ seconds/)).toBeVisible();
  await expect(page.getByText(/^Saved, 0:\d\d/)).toBeVisible();
}

/** By how much (s) the clip's page says that the file is longer than the recorder's clock showed. */
async function saidLonger(page: Page): Promise<number> {
  const notice = await page.getByText(/It is [\d.]+ s longer than the recorder’s clock showed/).allTextContents();
  return Number(/It is ([\d.]+) s longer/.exec(notice.join())?.[1] ?? 0);
}

test('a recorder that gives no picture: WebCodecs records picture and sound, and a pause is not in them', async ({ signedIn: page }) => {
  await silenceRecorder(page);
  await startRecording(page, 'Camera', 'By WebCodecs');
  await takenOver(page);
  expect(usesCodecs(page)).toBe(true);
  await recorded(page, 3);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
  const pausedAt = Date.now();
  while (Date.now() - pausedAt < 2 * SLACK * 1000) await accessible(page); // takes its seconds, which are not recorded
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 8);
  const clock = await stopAt(page);
  const original = await originalOf(page.request, await openedClip(page));
  await plays(page);
  const length = decodedLength(original);
  expect(length).toBeGreaterThan(clock - 1);
  expect(length - (await saidLonger(page)), 'without the pause; Stop waits for what was said before it').toBeLessThan(clock + SLACK);
  const pictures = pictureTimes(original);
  expect(pictures.length).toBeGreaterThan(10);
  expect(Math.abs(soundSeconds(original) - pictures.at(-1)!), 'sound and picture end together').toBeLessThan(1.5);
  expect(
    longest(loudness(original), (l) => l > 0.01),
    'speech',
  ).toBeGreaterThan(0.4);
});

test('an encoder of WebCodecs that fails: another one goes on in the same file, and the gap is named', async ({ signedIn: page }, info) => {
  await silenceRecorder(page);
  await useTone(page, HERTZ);
  await exposeCodecs(page);
  await startRecording(page, 'Camera', 'Its encoder failed');
  await takenOver(page);
  await recorded(page, 4);
  await failCodecs(page);
  const restarted = page.getByText(/The browser’s encoder failed at 0:\d\d and was started again/);
  await expect(restarted).toBeVisible();
  await recorded(page, 10);
  const clock = await stopAt(page);
  const path = await saveOriginal(page, await openedClip(page), info);
  await expect(restarted).toBeVisible(); // on the page of the clip
  expect(decodedSeconds(path)).toBeGreaterThan(clock - 1);
  expect(decodedSeconds(path) - (await saidLonger(page)), 'Stop waits for what was said before it').toBeLessThan(clock + 3);
  expect(longestGap(path)).toBeLessThan(GAP);
  expect(longestSilence(readFileSync(path))).toBeLessThanOrEqual(GAP);
  expect(packetTimes(path, 'v').at(-1)).toBeGreaterThan(clock - 2);
});

test('encoders of WebCodecs that fail again and again: the recording ends with its reason, and what came is the clip', async ({
  signedIn: page,
}, info) => {
  await silenceRecorder(page);
  await exposeCodecs(page);
  await startRecording(page, 'Camera', 'Its encoders failed');
  await takenOver(page);
  await recorded(page, 4);
  for (const started of [1, 2, 3]) {
    await expect.poll(() => page.evaluate(() => globalThis.codecs.length)).toBe(started);
    await failCodecs(page);
  }
  // The last one is of sound alone, by the browser's own recorder.
  await expect.poll(() => page.evaluate(() => globalThis.faults.recorders.at(-1)!.mimeType)).toMatch(/^audio/);
  await failEncoder(page);
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/encoder failed at 0:\d\d\. Everything up to there is saved/)).toBeVisible();
  const clip = /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
  expect(decodedSeconds(await saveOriginal(page, clip, info))).toBeGreaterThan(3);
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
