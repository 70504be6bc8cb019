import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodedLength, longestSilence, pictureTimes, soundSeconds } from '../decode';
import { Studio } from './recorder';
import { refuseDevices, shareScreen, shareStillScreen, type Refusals } from './inPage';

let studio: Studio;
beforeAll(async () => (studio = await Studio.start({ inputs: 'fake' })));
afterAll(() => studio?.close());

const refusing = (refusals: Refusals) => (page: Page) => page.evaluateOnNewDocument(refuseDevices, refusals);

// Of a still picture Firefox writes one a second, and lets the last one last as long.
const screens: [string, () => void, number][] = [
  ['', shareScreen, 0.3],
  [' on which nothing moves', shareStillScreen, 1.3],
];

test.each(screens)('no microphone beside a screen%s: it is named, the screen is kept, and recorded without one', async (_, share, most) => {
  const recorder = await studio.openRecorder('screen', async (page) => {
    await page.evaluateOnNewDocument(share);
    await page.evaluateOnNewDocument(refuseDevices, { audio: 'NotFoundError' });
  });
  await recorder.click('Record ');
  await recorder.shows('No microphone was found');
  await recorder.shows('The screen you chose is kept.');
  await recorder.click('Record without a microphone');
  await recorder.click('Start now');
  await recorder.recorded(3);
  const { clip, seconds } = await recorder.stop();
  const length = decodedLength(await studio.api.downloadOriginal(clip));
  expect(length).toBeGreaterThan(seconds - 0.3);
  expect(length).toBeLessThan(seconds + most);
});

// Firefox keeps all back for the first seconds of a still picture; then it repeats it.
test('a screen on which nothing moves, beside a microphone: both are recorded from the first second', async () => {
  const recorder = await studio.openRecorder('screen', (page) => page.evaluateOnNewDocument(shareStillScreen));
  await recorder.begin();
  await recorder.recorded(12);
  const { clip } = await recorder.stop();
  const original = await studio.api.downloadOriginal(clip);
  expect(soundSeconds(original)).toBeGreaterThan(11.7);
  expect(longestSilence(original)).toBeLessThan(1);
  const pictures = pictureTimes(original);
  expect(pictures[0]).toBeLessThan(1);
  expect(pictures.at(-1)).toBeGreaterThan(10.7); // one a second
});

test('a refused microphone beside a camera: it is named, and how to undo that in Firefox', async () => {
  const recorder = await studio.openRecorder('camera', refusing({ audio: 'NotAllowedError' }));
  await recorder.click('Record ');
  await recorder.shows('Tidings may not use your microphone');
  await recorder.shows('Click the crossed-out icon to the left of the address, remove “Blocked” at the microphone');
  await recorder.shows('Record without a microphone');
});

test('a busy camera beside a microphone: the sound is recorded without one', async () => {
  const recorder = await studio.openRecorder('camera', refusing({ video: 'NotReadableError' }));
  await recorder.click('Record ');
  await recorder.shows('Your camera is busy');
  await recorder.click('Record without a camera');
  await recorder.click('Start now');
  await recorder.recorded(3);
  const original = await recorder.expectWholeSound(await recorder.stop(), studio.api);
  expect(longestSilence(original)).toBeLessThan(1);
});
