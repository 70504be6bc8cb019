import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodedLength, longestSilence, medianPitch, soundSeconds } from '../decode';
import { exposeFaults, type FaultOptions } from '../encoderFaults';
import { Studio } from './recorder';

const tone = 1000; // Hz, of Firefox's own microphone

let studio: Studio;
beforeAll(async () => (studio = await Studio.start({ inputs: 'fake' })));
afterAll(() => studio?.close());

const withFaults = (options: FaultOptions) => (page: Page) => page.evaluateOnNewDocument(exposeFaults, options);

/** The encoder reports an error, and so does each one that takes its place, until the recording ends. */
async function failEncoders(page: Page): Promise<void> {
  for (let failed = 0; failed < 4; failed++) await page.waitForFunction(() => globalThis.faults.failLive(), { polling: 50 });
}

test('an encoder that gives nothing: said in red, and the next kind of file is recorded', async () => {
  const recorder = await studio.openRecorder('voice', withFaults({ silent: 'audio/webm' }));
  await recorder.begin();
  await recorder.shows('Nothing is recorded yet');
  expect((await recorder.runTime()).seconds).toBeLessThan(6.5);
  expect(await recorder.page.$('.saved .chip.rec')).not.toBeNull();
  await recorder.shows('gave nothing for the first 5 seconds');
  await recorder.recorded(3);
  const original = await recorder.expectWholeSound(await recorder.stop(), studio.api); // as long as the second encoder ran
  expect(original.subarray(0, 4).toString()).toBe('OggS');
  expect(longestSilence(original)).toBeLessThan(1);
});

test('encoders that fail: what they gave is a clip, whose page says so, and the recording goes on in the same clip', async () => {
  const recorder = await studio.openRecorder('camera', withFaults({}));
  await recorder.begin();
  await recorder.recorded(3);
  await failEncoders(recorder.page);
  const first = await recorder.waitForClip();
  await recorder.shows('encoder failed at 0:0');
  await recorder.expectWholeSound(first, studio.api);

  await recorder.goOn();
  await recorder.recorded(Math.ceil(first.seconds) + 3);
  const second = await recorder.stop();
  expect(second.clip).toBe(first.clip);
  const original = await studio.api.downloadOriginal(second.clip);
  const seconds = first.seconds + second.seconds;
  expect(Math.abs(decodedLength(original) - seconds)).toBeLessThan(0.6);
  expect(soundSeconds(original)).toBeGreaterThan(seconds - first.late - second.late - 1);
  expect(longestSilence(original)).toBeLessThan(1);
  expect(Math.abs(medianPitch(original) / tone - 1)).toBeLessThan(0.01);
});
