import { afterAll, beforeAll, expect, test } from 'vitest';
import { beepsOf, flashesOf, longestSilence } from '../decode';
import { endSharing, plugInCamera, shareScreen, shareStillScreen, unplugCamera, useFlashAndBeep } from './inPage';
import { Studio } from './recorder';

let studio: Studio;
beforeAll(async () => (studio = await Studio.start({ inputs: 'fake' })));
afterAll(() => studio?.close());

const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;

/** Flash and beep are seen and heard together; sound that the computer was too busy to make moves what follows forward. */
function expectTogether(flashes: number[], original: Buffer, late: number): void {
  const beeps = beepsOf(original);
  const by = flashes.map((flash) => Math.min(...beeps.map((b) => Math.abs(b.at - flash))));
  expect(median(by), `${by.join(', ')} s, ${late} s were not heard`).toBeLessThan(0.12 + late);
}

test('a camera that goes: it is named at once, and the sound goes on', async () => {
  const recorder = await studio.openRecorder('camera', (page) => page.evaluateOnNewDocument(useFlashAndBeep));
  await recorder.begin();
  await recorder.recorded(4);
  const unplugged = Date.now();
  await recorder.page.evaluate(unplugCamera);
  await recorder.shows('The camera was disconnected. Your sound goes on; your picture stays as it was.');
  expect(Date.now() - unplugged).toBeLessThan(3000);
  await recorder.recorded(8);
  const recorded = await recorder.stop();
  const original = await recorder.expectWholeSound(recorded, studio.api);
  expect(longestSilence(original)).toBeLessThan(1.5);
  const flashes = flashesOf(original);
  expect(flashes.length).toBeGreaterThan(1);
  expectTogether(flashes, original, recorded.late);
});

test('a camera in the corner of a screen that goes: it is named at once, and seen again when it is back', async () => {
  const recorder = await studio.openRecorder('screen_camera', async (page) => {
    await page.evaluateOnNewDocument(useFlashAndBeep);
    await page.evaluateOnNewDocument(shareStillScreen);
  });
  await recorder.begin();
  await recorder.recorded(4);
  const unplugged = Date.now();
  await recorder.page.evaluate(unplugCamera);
  await recorder.shows('The camera was disconnected. Your screen and sound go on; your picture goes on as soon as you connect a camera.');
  expect(Date.now() - unplugged).toBeLessThan(3000);
  await recorder.recorded(6);
  await recorder.page.evaluate(plugInCamera);
  await recorder.shows('Going on with another camera.'); // Firefox gives a drawn one no name
  await recorder.recorded(10);
  const recorded = await recorder.stop();
  const original = await recorder.expectWholeSound(recorded, studio.api);
  expect(longestSilence(original)).toBeLessThan(1.5);
  const flashes = flashesOf(original);
  expect(flashes.filter((at) => at < 4.5).length).toBeGreaterThan(1);
  expect(flashes.filter((at) => at > 7).length).toBeGreaterThan(1);
  expectTogether(flashes, original, recorded.late);
});

// Firefox does not say what is shared: it may be the monitor on which the page is seen.
test('a screen of which nothing says what it is: no mirror, no question, and why it ended', async () => {
  const recorder = await studio.openRecorder('screen', (page) => page.evaluateOnNewDocument(shareScreen));
  await recorder.begin();
  await recorder.shows('It is not shown here');
  expect(await recorder.page.$$('.stage video')).toHaveLength(0);
  await recorder.page.evaluate(() => void (story.surface = 'window'));
  await recorder.page.waitForSelector('.stage video');
  await recorder.page.evaluate(() => void (story.surface = 'monitor')); // another surface was chosen meanwhile
  await recorder.shows('It is not shown here');
  expect(await recorder.page.$$('.stage video')).toHaveLength(0);
  await recorder.recorded(3);
  expect(await recorder.page.evaluate(() => story.asked)).toBe(0);
  await recorder.page.evaluate(endSharing);
  const recorded = await recorder.waitForClip();
  await recorder.shows('Sharing was stopped at 0:0');
  await recorder.expectWholeSound(recorded, studio.api);
});
