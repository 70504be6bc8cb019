import { writeFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { decodedSeconds, longestGap, packetTimes } from './decode';
import { failEncoder, installFaults } from './encoderFaults';
import { recorded, startRecording, stopRecording } from './steps';
import { expect, test } from './story';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

/**
 * Notes when the recording began, and when the browser asks. To be called before the page is opened. Where the audio graph
 * stands still, the level of the microphone is measured by short recorders without a timeslice, from the countdown on.
 */
const noteTimes = (page: Page) =>
  page.addInitScript(() => {
    let startedAt = 0;
    const start = MediaRecorder.prototype.start;
    MediaRecorder.prototype.start = function (timeslice) {
      if (timeslice) startedAt ||= performance.now();
      start.call(this, timeslice);
    };
    const note = () => startedAt && localStorage.setItem('recordedSeconds', String((performance.now() - startedAt) / 1000));
    window.addEventListener('beforeunload', note, true);
  });

/** Leaves the page, and saves the recording that it offers afterwards; then recovers it. Returns the file, and how much (s) of it is lost. */
async function leavePage(page: Page, title: string, way: 'reload' | 'back'): Promise<{ file: string; lost: number }> {
  const answered = answerQuestion(page, true);
  await Promise.all([way === 'reload' ? page.reload() : page.goBack(), answered]);
  const seconds = await page.evaluate(() => Number(localStorage.getItem('recordedSeconds')));
  if (way === 'back') await page.goto('/record');
  const offer = page.getByRole('region', { name: 'A recording that was cut off' }).filter({ hasText: title });
  const download = page.waitForEvent('download');
  await offer.getByRole('button', { name: 'Save as a file' }).click();
  const file = await (await download).path();
  await offer.getByRole('button', { name: 'Recover it' }).click();
  await expect(page.getByRole('heading', { name: 'Your recording is safe' })).toBeVisible();
  const lost = seconds - decodedSeconds(file);
  test.info().annotations.push({ type: 'lost', description: `${lost.toFixed(2)} s` });
  return { file, lost };
}

const answerMs = 3000;

/** Answers the browser's question after a while, as people do. */
function answerQuestion(page: Page, leave: boolean): Promise<void> {
  return new Promise((resolve) =>
    page.once('dialog', async (dialog) => {
      expect(dialog.type()).toBe('beforeunload');
      await new Promise((r) => setTimeout(r, answerMs));
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
    await noteTimes(page);
    await page.goto('/library');
    await startRecording(page, mode, title);
    await recorded(page, 5);
    const { lost } = await leavePage(page, title, way);
    expect(lost).toBeLessThan(0.5);
  });
}

test('an encoder that hands out nothing more before the page is left: the sound is kept, and goes on where the picture ends', async ({
  signedIn: page,
}) => {
  await noteTimes(page);
  await installFaults(page, { container: 'mp4' });
  await startRecording(page, 'Camera', 'Handed out too late');
  await recorded(page, 4);
  await page.evaluate(() => void globalThis.faults.muted.push(...globalThis.faults.recorders));
  await recorded(page, 6);
  const { file, lost } = await leavePage(page, 'Handed out too late', 'reload');
  expect(lost).toBeLessThan(0.5);
  expect(longestGap(file)).toBeLessThan(0.5);
});

test('a browser that drops what its encoder hands out last: at most half a second of a camera’s picture is lost', async ({
  signedIn: page,
}) => {
  await noteTimes(page);
  await installFaults(page, { container: 'mp4', isSmall: true });
  await page.addInitScript(() => {
    const drop = () => {
      globalThis.faults.muted.push(...globalThis.faults.recorders);
      globalThis.faults.silent = 'video/'; // one that goes on meanwhile
    };
    window.addEventListener('beforeunload', drop, true);
  });
  await startRecording(page, 'Camera', 'Dropped at the end');
  await recorded(page, 6);
  const { file, lost } = await leavePage(page, 'Dropped at the end', 'reload');
  expect(lost).toBeLessThan(0.5);
  const pictures = packetTimes(file, 'v');
  const held = heldBack(
    pictures,
    packetTimes(file, 'v', (flags) => flags.startsWith('K')),
  );
  expect(held[held.length >> 1], 'no more than this is held back').toBeLessThan(0.5);
  const soundEnd = packetTimes(file, 'a').at(-1)!;
  test.info().annotations.push({ type: 'picture lost', description: `${(soundEnd - pictures.at(-1)!).toFixed(2)} s` });
});

test('a reload after another encoder went on: at most half a second is lost, and none between the two', async ({ signedIn: page }) => {
  await noteTimes(page);
  await installFaults(page, { container: 'mp4', frameRate: 15, isSmall: true });
  await startRecording(page, 'Camera', 'Left after a restart');
  await recorded(page, 3);
  await failEncoder(page);
  await expect(page.getByText(/The browser’s encoder failed at 0:\d\d and was started again/)).toBeVisible();
  await recorded(page, 7);
  const { file, lost } = await leavePage(page, 'Left after a restart', 'reload');
  expect(lost).toBeLessThan(0.5);
  expect(longestGap(file)).toBeLessThan(0.5);
});

test('to stay is to go on: the sound has no gap', async ({ signedIn: page }, info) => {
  await startRecording(page, 'Camera', 'Stays');
  await recorded(page, 3);
  const answered = answerQuestion(page, false);
  await page.reload({ timeout: 5000 }).catch(() => {}); // it does not happen
  await answered;
  await recorded(page, 9);
  const clip = await stopRecording(page);
  await expect
    .poll(async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { state: string }).state)
    .toBe('ready');
  const original = await keep(info, 'original', await originalOf(page.request, clip));
  expect(decodedSeconds(original)).toBeGreaterThan(8);
  expect(longestGap(original)).toBeLessThan(answerMs / 2000); // a recorder that stood still while it was asked lacks all of it
});

/** How much (s) of the picture follows each key frame before the next: pictures are rare on a busy machine. Sorted. */
function heldBack(pictures: number[], keyFrames: number[]): number[] {
  const lastBefore = (t: number) => pictures.findLast((p) => p < t)!;
  return keyFrames
    .slice(1)
    .map((next, i) => lastBefore(next) - keyFrames[i]!)
    .sort((a, b) => a - b);
}
