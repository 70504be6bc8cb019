import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longestSilence } from '../decode';
import { expectWhole, Studio } from './recorder';
import { refuseDevices, type Refusals } from './inPage';

let studio: Studio;
beforeAll(async () => (studio = await Studio.start({ inputs: 'fake' })));
afterAll(() => studio?.close());

const refusing = (refusals: Refusals) => (page: Page) => page.evaluateOnNewDocument(refuseDevices, refusals);

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
  const { clip, seconds } = await recorder.stop();
  const original = await studio.api.downloadOriginal(clip);
  expectWhole(original, seconds);
  expect(longestSilence(original)).toBeLessThan(1);
});
