import { afterEach, expect, test } from 'vitest';
import { longestSilence } from '../decode';
import { expectWhole, Studio } from './recorder';

let studio: Studio | undefined;
afterEach(async () => studio?.close());

test('a microphone is recorded from its first second where there is no sound output', async () => {
  studio = await Studio.start({ output: 'none', inputs: 'fake' });
  const recorder = await studio.openRecorder('voice');
  await recorder.begin();
  await recorder.shows('The level cannot be shown');
  await recorder.recorded(10);
  const { clip, seconds } = await recorder.stop();
  const original = await studio.api.downloadOriginal(clip);
  expectWhole(original, seconds);
  expect(longestSilence(original)).toBeLessThan(0.5);
});

// Firefox opens a microphone together with an output, and without one gives silence, also as the microphone's own track.
test('a microphone that Firefox does not hear without a sound output: said within three seconds', async () => {
  studio = await Studio.start({ output: 'none', inputs: 'real' });
  const recorder = await studio.openRecorder('voice');
  await recorder.begin();
  await recorder.shows('We can’t hear you, and this computer’s sound does not answer');
  expect((await recorder.runTime()).seconds).toBeLessThan(3.5);
});
