import type { Page, TestInfo } from '@playwright/test';
import { decodedSeconds, pictureTimes } from './decode';
import { installFaults, pauseEncoder, stopSharing } from './encoderFaults';
import { accessible, expect, plays, test } from './story';
import { withoutCodecs } from './silentRecorder';
import { originalOf } from './tus';
import { saveOriginal } from './original';
import { openedClip, recorded, recordedSeconds, startRecording, stopAt, stopRecording } from './steps';

test.use({ hasSpeech: false });

const originalSeconds = async (page: Page, clip: string, info: TestInfo): Promise<number> =>
  decodedSeconds(await saveOriginal(page, clip, info));

const green = (page: Page) => page.locator('.saved .chip.ok');
const clipIn = (page: Page) => /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;

test('an encoder that gives nothing: said in red, and the next kind of file is recorded', async ({ signedIn: page }, info) => {
  await installFaults(page, { silent: 'video/mp4' });
  const said = page.waitForFunction(() => document.body.textContent.includes('Nothing is recorded yet')); // it goes with its cause
  await startRecording(page, 'Camera', 'The second kind of file');
  await said;
  await expect(page.getByText(/^Saved, 0:\d\d/)).toBeVisible();
  await expect(page.getByText(/gave nothing for the first 5 seconds/)).toBeVisible();
  await recorded(page, 5);
  const clock = await stopAt(page);
  const clip = await openedClip(page);
  await plays(page);
  const length = await originalSeconds(page, clip, info);
  expect(length).toBeGreaterThan(clock - 1);
  expect(length).toBeLessThan(clock + 4);
  await expect(page.getByText(/recorder’s clock/)).toHaveCount(0); // the clock began again with the file
});

test('an encoder that gives nothing of any kind: it ends, says so, and leaves no clip', async ({ signedIn: page }) => {
  await installFaults(page, { silent: '' });
  await withoutCodecs(page);
  await startRecording(page, 'Camera', 'Never recorded at all');
  await expect(page.getByText('Nothing is recorded yet')).toBeVisible();
  await expect(green(page)).toHaveCount(0);
  await accessible(page);
  await expect(page.getByRole('heading', { name: 'Nothing was recorded' })).toBeVisible({ timeout: 90_000 });
  await accessible(page);
  await expect.poll(async () => await (await page.request.get('/api/v1/clips?limit=100')).text()).not.toContain('Never recorded at all');
});

test('an encoder that gives no picture: the sound alone is recorded, and it is said', async ({ signedIn: page }, info) => {
  await installFaults(page, { silent: 'video/' });
  await withoutCodecs(page);
  await startRecording(page, 'Camera', 'Sound alone');
  await expect(page.getByText(/encodes no picture: your sound alone is recorded/)).toBeVisible({ timeout: 90_000 });
  await recorded(page, 4);
  const clip = await stopRecording(page);
  await expect(page.getByText('It has no picture.')).toBeVisible();
  await plays(page); // it is not known yet that there is no picture
  await page.evaluate(() => globalThis.document.querySelector<HTMLMediaElement>('video, audio')!.setAttribute('data-first', ''));
  expect(await originalSeconds(page, clip, info)).toBeGreaterThan(3.5);
  await expect(page.locator('.voice')).toBeVisible();
  expect(await page.locator('[data-first]').count()).toBe(1);
  await plays(page);
  await page.reload();
  await plays(page);
});

test('sharing that is stopped: the clip’s page says why it ended, and so does the tab', async ({ signedIn: page }, info) => {
  await installFaults(page, { hidden: true });
  await startRecording(page, 'Screen', 'Stopped by the browser’s bar');
  await recorded(page, 4);
  await stopSharing(page);
  await page.waitForURL(/\/c\//);
  const notice = page.getByText(/Sharing was stopped at 0:\d\d\. Everything up to there is saved/);
  await expect(notice).toBeVisible();
  await expect(page).toHaveTitle(/^Recording ended: /);
  await accessible(page);
  expect(await originalSeconds(page, clipIn(page), info)).toBeGreaterThan(3.5);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Player' }).or(page.locator('[aria-label="Player"]')).first()).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('few pictures a second: said while recording, and fewer are recorded from then on', async ({ signedIn: page }) => {
  await installFaults(page, { frameRate: 4 });
  await page.emulateMedia({ reducedMotion: 'reduce' }); // words that appear would be looked at half transparent
  await startRecording(page, 'Camera', 'Four pictures a second');
  await expect(page.getByText(/cannot keep up: [1-7] pictures a second/)).toBeVisible();
  await accessible(page);
  await page.evaluate(async () => {
    const cameras = globalThis.faults.tracks.filter((t) => t.kind === 'video' && t.readyState === 'live');
    for (const t of cameras) await t.applyConstraints({ frameRate: 30 });
  });
  const from = await recordedSeconds(page);
  await recorded(page, from + 6);
  const original = await originalOf(page.request, await stopRecording(page));
  const pictures = pictureTimes(original).filter((t) => t > from + 2);
  const rate = (pictures.length - 1) / (pictures.at(-1)! - pictures[0]!);
  expect(rate, 'the camera gives thirty a second again').toBeLessThan(17);
  expect(rate, 'more than before').toBeGreaterThan(5);
});

test('a file that is shorter than the clock: the clip’s page says by how much', async ({ signedIn: page }) => {
  const log: string[] = [];
  page.on('console', (m) => m.type() === 'warning' && log.push(m.text()));
  await installFaults(page);
  await startRecording(page, 'Camera', 'Two seconds are missing');
  await recorded(page, 3);
  await pauseEncoder(page);
  await recorded(page, 7);
  await stopRecording(page);
  await expect(page.getByText(/It is [12]\.\d s shorter than the recorder’s clock showed/)).toBeVisible();
  expect(log.join('\n')).toContain('the recording differs from its clock');
});
