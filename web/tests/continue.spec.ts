import { writeFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { decodedSeconds, longestSilence } from './decode';
import { failEncoder, failEncoders, installFaults, stopSharing } from './encoderFaults';
import { clipIsReady } from './faults';
import { accessible, expect, plays, test } from './story';
import { player, recorded, recordedSeconds, recoverCutOff, skipCountdown, startRecording, stopRecording } from './steps';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

interface Clip {
  id: string;
  state: string;
  duration_ms: number;
  ended_early: boolean;
}

const clipIn = (page: Page) => /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
const clipOf = async (page: Page, id: string) => (await (await page.request.get(`/api/v1/clips/${id}`)).json()) as Clip;
const newest = async (page: Page) => ((await (await page.request.get('/api/v1/clips?author=me')).json()) as { items: Clip[] }).items[0]?.id;
const goOn = (page: Page) => page.getByRole('link', { name: 'Go on in the same clip' });

/** Records until something ends it, and waits for the clip's page, which offers to go on. */
async function endByItself(page: Page, mode: 'Screen' | 'Voice', end: () => Promise<void>): Promise<string> {
  await startRecording(page, mode, 'In two parts');
  await recorded(page, 3);
  const clock = await recordedSeconds(page);
  await end();
  await page.waitForURL(/\/c\//);
  const notice = page.getByText(/at 0:\d\d\. Everything up to there is saved/);
  await expect(notice).toBeVisible();
  // Encoders that fail one after the other give nothing of the last moments.
  expect(Number(/at 0:(\d\d)/.exec((await notice.textContent())!)![1])).toBeGreaterThanOrEqual(clock - 1);
  await expect(goOn(page)).toBeVisible();
  return clipIn(page);
}

async function startAgain(page: Page): Promise<void> {
  await goOn(page).click();
  await expect(page.getByRole('heading', { name: 'Go on recording' })).toBeVisible();
  await page.getByRole('button', { name: /^Record / }).click();
  await skipCountdown(page);
}

/** Checks what both parts became. Returns the seconds that the original decodes to. */
async function wholeOriginal(page: Page, id: string, info: TestInfo): Promise<number> {
  await clipIsReady(page, id);
  const original = await originalOf(page.request, id);
  const path = info.outputPath('original');
  await writeFile(path, original);
  expect(longestSilence(original)).toBeLessThan(2);
  return decodedSeconds(path);
}

test('sharing that is stopped: going on appends to the same clip', async ({ signedIn: page }, info) => {
  await installFaults(page);
  const id = await endByItself(page, 'Screen', () => stopSharing(page));
  await accessible(page);
  const comment = await page.request.post(`/api/v1/clips/${id}/comments`, { data: { body: 'At two seconds', at_ms: 2000 } });
  expect(comment.status()).toBe(201);

  await startAgain(page);
  await expect(page.getByRole('timer', { name: 'Recorded' })).not.toHaveText(/0:0[0-2]/); // the clip's clock
  await expect.poll(async () => (await clipOf(page, id)).state).toBe('recording');
  await recorded(page, 7);
  const clock = await recordedSeconds(page);
  expect(await stopRecording(page)).toBe(id);
  await expect(goOn(page)).toHaveCount(0);
  const seconds = await wholeOriginal(page, id, info);
  expect(seconds).toBeGreaterThan(5.5);
  expect(seconds).toBeLessThan(clock + 7);
  const clip = await clipOf(page, id);
  expect(Math.abs(clip.duration_ms / 1000 - seconds)).toBeLessThan(0.5);
  expect(clip.ended_early).toBe(false);
  expect(await newest(page)).toBe(id); // no clip was made since
  expect(await (await page.request.get(`/api/v1/clips/${id}/comments`)).text()).toContain('"at_ms":2000');
  await plays(page);
});

test('encoders that fail: a voice goes on in the same clip, where another one fails and is replaced', async ({ signedIn: page }, info) => {
  await installFaults(page);
  const id = await endByItself(page, 'Voice', () => failEncoders(page));
  await startAgain(page);
  const before = await recordedSeconds(page);
  await recorded(page, before + 2);
  await failEncoder(page);
  await expect(page.getByText(/encoder failed at 0:\d\d and was started again/)).toBeVisible(); // in the times of the clip
  await recorded(page, before + 5);
  expect(await stopRecording(page)).toBe(id);
  await expect(page.getByText(/encoder failed at 0:\d\d and was started again/)).toBeVisible();
  expect(await wholeOriginal(page, id, info)).toBeGreaterThan(7.5);
});

test('a tab that dies while it goes on: the same clip is recovered', async ({ signedIn: page, context }, info) => {
  await installFaults(page);
  const id = await endByItself(page, 'Screen', () => stopSharing(page));
  await startAgain(page);
  await expect.poll(async () => (await clipOf(page, id)).state).toBe('recording');
  await recorded(page, 7);
  await page.close({ runBeforeUnload: false });

  const next = await recoverCutOff(context);
  expect(await wholeOriginal(next, id, info)).toBeGreaterThan(4);
  expect(await newest(next)).toBe(id);
});

test('going on is discarded: the clip is as it was', async ({ signedIn: page }, info) => {
  await installFaults(page);
  const id = await endByItself(page, 'Screen', () => stopSharing(page));
  await clipIsReady(page, id);
  const before = await originalOf(page.request, id);
  await startAgain(page);
  await expect.poll(async () => (await clipOf(page, id)).state).toBe('recording');
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await clipIsReady(page, id);
  expect((await originalOf(page.request, id)).equals(before)).toBe(true);
  expect(await wholeOriginal(page, id, info)).toBeGreaterThan(2.5);
});

test('another kind of recording: it becomes a clip of its own, and its page says why', async ({ signedIn: page }) => {
  await installFaults(page);
  const id = await endByItself(page, 'Screen', () => stopSharing(page));
  await page.evaluate(() => {
    const of = (key: string) => key.startsWith('tidings.ended.');
    const key = Object.keys(sessionStorage).find(of)!;
    sessionStorage.setItem(key, sessionStorage.getItem(key)!.replace('avc3', 'avc1').replace('vp9', 'vp8'));
  });
  await page.reload();
  await startAgain(page);
  await recorded(page, 2);
  const other = await stopRecording(page);
  expect(other).not.toBe(id);
  await expect(page.getByText('This part became a clip of its own.')).toBeVisible();
  await expect(player(page)).toBeVisible();
});
