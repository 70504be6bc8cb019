import { readFileSync } from 'node:fs';
import type { Page, TestInfo } from '@playwright/test';
import { decodedSeconds, longestGap, longestSilence, packetTimes, pitches } from './decode';
import { failEncoder, failEncoders, installFaults, useTone } from './encoderFaults';
import { saveOriginal } from './original';
import { openedClip, recorded, recoverCutOff, startRecording, stopAt } from './steps';
import { accessible, expect, plays, test } from './story';

test.use({ hasSpeech: false });

const HERTZ = 440;

test.beforeEach(({ signedIn: page }) => useTone(page, HERTZ));

/** How an encoder can fail without being stopped. */
const failures: Record<string, (page: Page) => Promise<void>> = {
  'reports an error': failEncoder,
  'stops by itself': (page) => page.evaluate(() => globalThis.faults.live()!.stop()),
};

const restarted = (page: Page) => page.getByText(/The browser’s encoder failed (\d times, first )?at 0:\d\d and was started again/);

/** Stops, and decodes the original: as long as the clock showed, one tone in all of it but for the gap, picture with sound. */
/** `gap`: s without sound at most; a busy computer takes half a second to start another encoder. */
async function expectWhole(page: Page, info: TestInfo, gap = 0.75): Promise<void> {
  const clock = (await stopAt(page)) + 0.5; // it shows whole seconds
  const clip = await openedClip(page);
  await plays(page);
  const path = await saveOriginal(page, clip, info);
  const longer = decodedSeconds(path) - clock;
  expect(longer).toBeGreaterThan(-1.2);
  expect(longer).toBeLessThan(1.2 + 2); // what comes late of a busy computer is waited for
  expectSound(path, gap);
  // A busy computer makes few pictures, and fewer at the end; the sound has all.
  expect(longestGap(path, 'v')).toBeLessThan(gap + 2);
  const [sound, picture] = (['a', 'v'] as const).map((kind) => packetTimes(path, kind).at(-1)!);
  expect(Math.abs(sound! - picture!)).toBeLessThan(2);
}

function expectSound(path: string, gap: number) {
  const original = readFileSync(path);
  expect(longestSilence(original)).toBeLessThanOrEqual(gap);
  expect(longestGap(path)).toBeLessThan(gap);
  const heard = pitches(original);
  for (const half of [heard.slice(0, 2), heard.slice(-2)]) expect(half.every((hz) => Math.abs(hz - HERTZ) <= 2)).toBe(true);
}

for (const container of ['mp4', 'webm'])
  for (const [what, makeFail] of Object.entries(failures))
    test(`an encoder of ${container} that ${what}: another one goes on in the same file`, async ({ signedIn: page }, info) => {
      await installFaults(page, { container, frameRate: 15, isSmall: true });
      await startRecording(page, 'Camera', `Goes on after its encoder ${what}`);
      await recorded(page, 3);
      await makeFail(page);
      await expect(restarted(page)).toBeVisible();
      await recorded(page, 7);
      await expectWhole(page, info);
      await expect(restarted(page)).toBeVisible(); // on the page of the clip
    });

for (const container of ['mp4', 'webm'])
  test(`an encoder of ${container} that falls silent in the middle of a part: another one goes on from soon after`, async ({
    signedIn: page,
  }, info) => {
    await installFaults(page, { container, frameRate: 15, isSmall: true });
    await startRecording(page, 'Camera', 'Fell silent in the middle');
    await recorded(page, 3);
    await page.evaluate(() => globalThis.faults.cut.push(...globalThis.faults.recorders));
    await expect(restarted(page)).toBeVisible();
    await recorded(page, 11);
    await expectWhole(page, info, 4.9);
    await expect(page.getByText(/: [1-4]\.\d s are missing/)).toBeVisible(); // not all five seconds until it was certain
  });

test('encoders that fail again and again: the recording ends, and the clip’s page says why', async ({ signedIn: page }, info) => {
  await installFaults(page, { frameRate: 15, isSmall: true });
  await startRecording(page, 'Camera', 'Failed again and again');
  await recorded(page, 3);
  await failEncoders(page);
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/encoder failed at 0:\d\d\. Everything up to there is saved/)).toBeVisible();
  await accessible(page);
  const clip = /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
  expect(decodedSeconds(await saveOriginal(page, clip, info))).toBeGreaterThan(2.5);
});

test('a second one that fails at once, and a pause: nothing is missing', async ({ signedIn: page }, info) => {
  await installFaults(page, { frameRate: 15, isSmall: true });
  await startRecording(page, 'Camera', 'Failed twice at once');
  await recorded(page, 3);
  await failEncoder(page);
  await failEncoder(page);
  await expect(restarted(page)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 6);
  await expectWhole(page, info);
});

test('Stop right after an encoder failed: what came before and after is in the clip', async ({ signedIn: page }, info) => {
  await installFaults(page, { frameRate: 15, isSmall: true });
  await startRecording(page, 'Camera', 'Stopped at once');
  await recorded(page, 4);
  await failEncoder(page);
  await expectWhole(page, info);
});

test('screen and camera: an encoder that fails, then a tab that dies; all of it is recovered', async ({
  signedIn: page,
  context,
}, info) => {
  await installFaults(page, { frameRate: 15, isSmall: true });
  await startRecording(page, 'Screen and camera', 'Failed, then died');
  await recorded(page, 4);
  await failEncoder(page);
  await expect(restarted(page)).toBeVisible();
  await recorded(page, 9);
  await page.close({ runBeforeUnload: false });

  const next = await recoverCutOff(context);
  const { items } = (await (await next.request.get('/api/v1/clips?author=me')).json()) as { items: { id: string }[] };
  const path = await saveOriginal(next, items[0]!.id, info);
  expect(decodedSeconds(path)).toBeGreaterThan(6.5);
  expectSound(path, 0.75);
});
