import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { longestSilence, medianPitch, pitches, soundSeconds } from '../decode';
import { Studio, type RecorderPage } from './recorder';

const tone = 440; // Hz

let studio: Studio;
let endTone = () => {};

beforeAll(async () => {
  studio = await Studio.start({ rate: 48000, inputs: 'real' });
  endTone = studio.sound.playTone(tone);
});
afterAll(async () => {
  endTone();
  await studio?.close();
});
beforeEach(({ skip }) => {
  skip(!studio.sound.available, 'pulseaudio is not installed: there is no microphone to unplug');
  for (const name of ['microphone', 'headset']) studio.sound.plugIn(name);
});

const goesOn = 'The microphone was disconnected. Going on with Microphone.';

/** Unplugs the microphone that is used; the page must say so within three seconds. */
async function unplugHeadset(recorder: RecorderPage, words: string): Promise<void> {
  const unplugged = Date.now();
  studio.sound.unplug('headset');
  await recorder.shows(words);
  expect(Date.now() - unplugged).toBeLessThan(3000);
}

/** Stops; the tone is heard at its pitch all the time, but for a moment at each change. */
async function expectHeard(recorder: RecorderPage): Promise<void> {
  const recorded = await recorder.stop();
  const original = await recorder.expectWholeSound(recorded, studio.api);
  expect(longestSilence(original)).toBeLessThan(2);
  expect(pitches(original).length).toBeGreaterThan(soundSeconds(original) - 2);
  expect(Math.abs(medianPitch(original) / tone - 1)).toBeLessThan(0.01);
}

test('a microphone that is unplugged while recording is named, another one goes on, and it is offered when it is back', async () => {
  const recorder = await studio.openRecorder('voice');
  await recorder.begin();
  await recorder.recorded(2);
  await unplugHeadset(recorder, goesOn);
  await recorder.recorded(4);
  studio.sound.plugIn('headset');
  await recorder.shows('Headset is connected again.');
  await recorder.click('Use it again');
  await recorder.hides('The microphone was disconnected.');
  await recorder.recorded(7);
  await expectHeard(recorder);
});

// Firefox lists no devices for a page that is not looked at.
test('a microphone that is unplugged while another window is looked at: said within three seconds, and another one goes on', async () => {
  const recorder = await studio.openRecorder('voice');
  await recorder.begin();
  const other = await studio.browser.newPage({ type: 'window' });
  await other.bringToFront();
  await recorder.recorded(2);
  await unplugHeadset(recorder, 'The microphone was disconnected.');
  await recorder.hides('Looking for another one');
  await other.close();
  await recorder.page.bringToFront();
  await recorder.shows(goesOn);
  await recorder.recorded(6);
  await expectHeard(recorder);
});

test('a microphone that is unplugged in the countdown: the whole clip is heard', async () => {
  const recorder = await studio.openRecorder('voice');
  await recorder.click('Record ');
  await recorder.shows('Start now');
  await unplugHeadset(recorder, goesOn);
  await recorder.recorded(4);
  await expectHeard(recorder);
});

test('a microphone that is unplugged before a recording is named; the sound of the computer does not take its place', async () => {
  const recorder = await studio.openRecorder('voice');
  await recorder.click('Record ');
  await recorder.click('Cancel');
  await recorder.shows('Record voice');
  await unplugHeadset(recorder, goesOn);
  studio.sound.unplug('microphone');
  await recorder.shows('The microphone was disconnected. Connect one, and it is used.');
  studio.sound.plugIn('microphone');
  await recorder.hides('Connect one, and it is used.');
});

// Firefox lists two of one name under one id.
test('two microphones of one name: the page goes on when one is unplugged', async () => {
  studio.sound.plugIn('twin', 'Microphone');
  const recorder = await studio.openRecorder('voice');
  await recorder.click('Record ');
  await recorder.click('Cancel');
  studio.sound.unplug('twin');
  studio.sound.unplug('microphone');
  await recorder.shows('The microphone was disconnected. Going on with Headset.');
});
