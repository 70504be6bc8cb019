import { afterEach, expect, test } from 'vitest';
import { longestSilence, medianPitch, pitches, soundSeconds } from '../decode';
import { Studio } from './recorder';

const tone = 440; // Hz

let studio: Studio | undefined;
afterEach(() => studio?.close());

// Some recordings were slow and low, and of some a second was missing after ten.
test.each([44100, 48000])('sound at %i samples a second: the pitch is right, and nothing is missing', async (rate) => {
  studio = await Studio.start({ rate, inputs: 'real' });
  const endTone = studio.sound.playTone(tone);
  const recorder = await studio.openRecorder('voice');
  await recorder.begin();
  await recorder.recorded(12);
  const recorded = await recorder.stop();
  endTone();
  const original = await recorder.expectWholeSound(recorded, studio.api);
  expect(longestSilence(original)).toBeLessThan(1);
  expect(pitches(original).length).toBeGreaterThan(soundSeconds(original) - 2);
  expect(Math.abs(medianPitch(original) / tone - 1)).toBeLessThan(0.01);
});
