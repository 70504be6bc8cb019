import type { Page } from '@playwright/test';
import { frozenPictures } from '../decode';
import {
  allowUnplugging,
  forbid,
  holdCountdown,
  holdSound,
  muteTracks,
  plugIn,
  releaseCountdown,
  releaseSound,
  removeAll,
  stallOpening,
  unplug,
} from '../faults';
import { stopAndMeasure, watchClock } from '../recorderClock';
import { expect, test } from '../story';
import { recorded, startRecording, type ModeName } from '../steps';

test.use({ hasSpeech: false });

test.beforeEach(async ({ signedIn: page }) => {
  await watchClock(page);
  await allowUnplugging(page);
});

const goingOn = (page: Page) => page.getByText(/The microphone was disconnected\. Going on with Fake/);
const noMicrophone = (page: Page) => page.getByText(/nobody hears you until you connect one/);
const noCamera = (page: Page) => page.getByText(/The camera was disconnected\. Your (sound goes|screen and sound go) on/);

interface Moment {
  name: string;
  mode: ModeName;
  happens: (page: Page) => Promise<void>;
  longestQuiet?: number; // s, of which the page has said that nobody is heard
}

const moments: Moment[] = [
  {
    name: 'the microphone goes in a pause',
    mode: 'Voice',
    happens: async (page) => {
      await page.getByRole('button', { name: 'Pause' }).click();
      await unplug(page, 'audioinput');
      await expect(goingOn(page)).toBeVisible();
      await page.getByRole('button', { name: 'Go on' }).click();
    },
  },
  {
    name: 'the microphone goes, and so does the one that took its place',
    mode: 'Voice',
    happens: async (page) => {
      await unplug(page, 'audioinput');
      await expect(goingOn(page)).toBeVisible();
      const first = await goingOn(page).textContent();
      await unplug(page, 'audioinput');
      await expect(goingOn(page)).not.toHaveText(first!);
    },
  },
  {
    name: 'the microphone goes while another one is opened',
    mode: 'Voice',
    happens: async (page) => {
      await stallOpening(page, 1500);
      await page.getByText('Microphone and camera').click();
      await page.getByLabel('Microphone', { exact: true }).selectOption({ index: 1 });
      await unplug(page, 'audioinput');
      await expect(page.getByText(/The microphone was disconnected\./)).toBeVisible();
      await stallOpening(page, 0);
      await expect(goingOn(page).or(page.getByText(/is connected again/))).toBeVisible();
    },
  },
  {
    name: 'the browser does not answer for the first microphone that could take its place',
    mode: 'Voice',
    happens: async (page) => {
      await stallOpening(page, Infinity, 1);
      await unplug(page, 'audioinput');
      await expect(page.getByText(/Looking for another one/)).toBeVisible();
      await expect(goingOn(page)).toBeVisible();
    },
    longestQuiet: 8,
  },
  {
    name: 'the only microphone goes, and comes back',
    mode: 'Voice',
    happens: async (page) => {
      await removeAll(page, 'audioinput');
      await expect(noMicrophone(page)).toBeVisible();
      await plugIn(page, 'audioinput');
      await expect(noMicrophone(page)).toBeHidden();
    },
  },
  {
    name: 'camera and microphone go at once, and come back',
    mode: 'Camera',
    happens: async (page) => {
      await removeAll(page, 'videoinput');
      await removeAll(page, 'audioinput');
      await expect(noMicrophone(page)).toBeVisible();
      await expect(noCamera(page)).toBeVisible();
      await plugIn(page, 'audioinput');
      await expect(noMicrophone(page)).toBeHidden();
      await expect(noCamera(page)).toBeHidden();
    },
  },
  {
    name: 'the camera is away for long: nothing is said of a slow computer',
    mode: 'Camera',
    happens: async (page) => {
      await removeAll(page, 'videoinput');
      await expect(noCamera(page)).toBeVisible();
      await recorded(page, 11);
      await expect(page.getByText(/cannot keep up/)).toHaveCount(0);
      await plugIn(page, 'videoinput');
      await expect(noCamera(page)).toBeHidden();
    },
  },
  {
    name: 'permission is withdrawn, and given again',
    mode: 'Voice',
    happens: async (page) => {
      await forbid(page, 'audioinput');
      await expect(
        page.getByText(/no longer lets Tidings use the microphone\. .* nobody hears you until you allow it again/),
      ).toBeVisible();
      await plugIn(page, 'audioinput');
      await expect(page.getByText(/no longer lets Tidings/)).toBeHidden();
    },
  },
  {
    name: 'the system mutes the microphone, and unmutes it',
    mode: 'Voice',
    happens: async (page) => {
      await muteTracks(page, 'audioinput', true);
      await expect(page.getByText(/has muted it/)).toBeVisible();
      await muteTracks(page, 'audioinput', false);
      await expect(page.getByText(/has muted it/)).toBeHidden();
    },
  },
  {
    name: 'the system holds the sound, twice',
    mode: 'Voice',
    happens: async (page) => {
      for (const _ of [1, 2]) {
        await holdSound(page);
        await expect(page.getByText(/You are not heard: this computer’s sound does not answer/)).toBeVisible();
        await releaseSound(page);
        await expect(page.getByText(/You are not heard/)).toBeHidden();
      }
    },
    longestQuiet: 8,
  },
  {
    name: 'the list of devices changes fifty times, and nothing is opened anew',
    mode: 'Camera',
    happens: async (page) => {
      const opened = () => page.evaluate(() => document.documentElement.dataset.opened);
      const before = await opened();
      await page.evaluate(async () => {
        for (let i = 0; i < 50; i++) {
          navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      });
      expect(await opened()).toBe(before);
      await expect(page.getByText(/was disconnected/)).toHaveCount(0);
    },
  },
  {
    name: 'the tab is hidden and frozen',
    mode: 'Voice',
    happens: async (page) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise((resolve) => setTimeout(resolve, 3000)); // what happens to it is time
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    },
  },
  {
    name: 'the page gets a sixth of the computer',
    mode: 'Camera',
    happens: async (page) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
      await recorded(page, 8);
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    },
  },
];

for (const { name, mode, happens, longestQuiet } of moments) {
  test(`${mode}: ${name}`, async ({ signedIn: page }) => {
    await startRecording(page, mode, 'A bad moment');
    await recorded(page, 2);
    await happens(page);
    const clock = Number((await page.getByRole('timer', { name: 'Recorded' }).textContent())!.split(':')[1]);
    await recorded(page, clock + 3);
    const original = await stopAndMeasure(page, longestQuiet);
    expect(frozenPictures(original).filter((f) => f.to === Infinity)).toEqual([]);
  });
}

test('“Stop sharing” in the countdown: nothing is recorded, and it is said', async ({ signedIn: page }) => {
  await holdCountdown(page);
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record screen' }).click();
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await unplug(page, 'screen');
  await expect(page.getByText('Sharing was stopped, so nothing was recorded.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Record screen' })).toBeEnabled();
});

for (const mode of ['Camera', 'Screen and camera'] as const) {
  test(`${mode}: the camera goes in the countdown, and comes back while recording`, async ({ signedIn: page }) => {
    await holdCountdown(page);
    await page.goto('/record');
    await page.getByRole('radio', { name: mode, exact: true }).check({ force: true });
    await page.getByRole('button', { name: /^Record / }).click();
    await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
    await removeAll(page, 'videoinput');
    await expect(page.getByText(/The camera was disconnected\./)).toBeVisible();
    await releaseCountdown(page);
    await recorded(page, 3);
    await plugIn(page, 'videoinput');
    await expect(page.getByText(/The camera was disconnected\./)).toBeHidden();
    await recorded(page, 7);
    const original = await stopAndMeasure(page);
    expect(frozenPictures(original).filter((f) => f.to === Infinity)).toEqual([]);
  });
}

const refusals: [exception: string, said: RegExp][] = [
  ['NotAllowedError', /may not use your microphone/],
  ['SecurityError', /may not use your microphone/],
  ['NotFoundError', /No microphone was found/],
  ['OverconstrainedError', /No microphone was found/],
  ['NotReadableError', /Your microphone is busy/],
  ['AbortError', /Your microphone is busy/],
  ['InvalidStateError', /Your microphone could not be started/],
  ['TypeError', /Your microphone could not be started/],
];

test('each way in which a browser refuses the microphone is said, and it can be tried again', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (c) => {
      const name = sessionStorage.getItem('story.refuse');
      return name ? Promise.reject(new DOMException('', name)) : open(c);
    };
  });
  const refuse = (name: string) => page.evaluate((n) => sessionStorage.setItem('story.refuse', n), name);
  await holdCountdown(page);
  for (const [name, said] of refusals) {
    await page.goto('/record?mode=voice');
    await refuse(name);
    await page.reload();
    await page.getByRole('button', { name: 'Record voice' }).click();
    await expect(page.getByRole('alert').filter({ hasText: said }), name).toBeVisible();
    await expect(page.getByRole('button', { name: 'Record voice' }), name).toBeEnabled();
  }
  await refuse('');
  await page.getByRole('button', { name: 'Record voice' }).click();
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
});
