import type { Page } from '@playwright/test';
import { decodedSeconds, packetTimes } from './decode';
import { installFaults } from './encoderFaults';
import { saveOriginal } from './original';
import { recorded, recordedSeconds, startRecording, stopRecording } from './steps';
import { accessible, expect, plays, test } from './story';

/** How an encoder can fail without being stopped. */
const failures: Record<string, (page: Page) => Promise<void>> = {
  'reports an error': (page) => page.evaluate(() => void globalThis.faults.recorders.at(-1)!.dispatchEvent(new Event('error'))),
  'stops by itself': (page) => page.evaluate(() => globalThis.faults.recorders.at(-1)!.stop()),
};

const restarted = (page: Page) => page.getByText(/The browser’s encoder failed (\d times, first )?at 0:0\d and was started again/);

/** Sound and picture end together, and as long after the beginning as the clock showed. */
function expectInStep(path: string, clock: number) {
  const [sound, picture] = (['a', 'v'] as const).map((kind) => packetTimes(path, kind));
  expect(Math.abs(sound!.at(-1)! - picture!.at(-1)!)).toBeLessThan(0.5);
  expect(Math.abs(decodedSeconds(path) - clock)).toBeLessThan(1.2); // the clock is read in whole seconds
}

const clockOf = async (page: Page): Promise<number> => (await recordedSeconds(page)) + 0.5;

for (const container of ['video/mp4', 'video/webm'])
  for (const [what, makeFail] of Object.entries(failures))
    test(`an encoder of ${container} that ${what}: another one goes on in the same file`, async ({ signedIn: page }, info) => {
      await installFaults(page, { container });
      await startRecording(page, 'Camera', `Goes on after its encoder ${what}`);
      await recorded(page, 4);
      await makeFail(page);
      await expect(restarted(page)).toBeVisible();
      await recorded(page, 9);
      const clock = await clockOf(page);
      const clip = await stopRecording(page);
      await expect(restarted(page)).toBeVisible();
      await plays(page);
      expectInStep(await saveOriginal(page, clip, info), clock);
      expect(await page.evaluate(() => globalThis.faults.recorders.map((r) => r.mimeType.split(';')[0]))).toEqual([container, container]);
    });

test('an encoder that stands still: said in red, and another one goes on in the same file', async ({ signedIn: page }, info) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'Stood still in the middle');
  await recorded(page, 4);
  await page.evaluate(() => globalThis.faults.muted.push(...globalThis.faults.recorders));
  await page.getByText(/^Nothing new since 0:0\d/).waitFor(); // looks at each frame: it goes as soon as the other one gives something
  await expect(restarted(page)).toBeVisible();
  await recorded(page, 14);
  const clock = await clockOf(page);
  const clip = await stopRecording(page);
  await plays(page);
  const path = await saveOriginal(page, clip, info);
  expectInStep(path, clock);
  const gaps = (['a', 'v'] as const).map((kind) => {
    const times = packetTimes(path, kind);
    return Math.max(...times.slice(1).map((t, i) => t - times[i]!));
  });
  expect(Math.abs(gaps[0]! - gaps[1]!)).toBeLessThan(0.5); // both are missing for the same time
});

test('encoders that fail again and again: the recording ends, and the clip’s page says why', async ({ signedIn: page }, info) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'Failed again and again');
  await recorded(page, 4);
  for (const failed of [1, 2, 3, 4]) {
    await expect.poll(() => page.evaluate(() => globalThis.faults.recorders.length)).toBe(failed);
    await failures['reports an error']!(page);
  }
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/encoder failed at 0:0[3456]\. Everything up to there is saved/)).toBeVisible();
  await accessible(page);
  const clip = /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
  expect(decodedSeconds(await saveOriginal(page, clip, info))).toBeGreaterThan(3);
});
