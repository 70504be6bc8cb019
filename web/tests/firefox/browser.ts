import puppeteer, { type Browser, type Frame, type Page } from 'puppeteer-core';
import { expect } from 'vitest';
import type { SoundDevice } from '../sound';

/** Which camera and microphone a page gets: Firefox's own fakes (a picture and a tone), or the machine's. */
export type Inputs = 'fake' | 'real';

/** Debian's Firefox, driven over WebDriver BiDi, which plays to and records from a sound device. It does not call home. `profile`: a folder that outlives it. */
export function launchFirefox(sound: SoundDevice, inputs: Inputs = 'fake', profile?: string): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    userDataDir: profile,
    env: { ...process.env, ...sound.env },
    extraPrefsFirefox: {
      'media.navigator.streams.fake': inputs === 'fake',
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'layout.frame_rate': 30, // half of what it would draw, by software
      'app.update.enabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'http://localhost:1/',
      'browser.safebrowsing.downloads.remote.enabled': false,
      'toolkit.telemetry.server': '',
    },
  });
}

/** Waits until the page shows these words. */
export async function shows(page: Page, words: string): Promise<void> {
  await page.waitForFunction((text) => document.body.innerText.includes(text), {}, words);
}

/** Plays the media of a page or frame and returns once time moves on and, where there is a sound device, its sound is heard. */
export async function plays(page: Page | Frame, sound: SoundDevice): Promise<void> {
  await page.waitForSelector('video, audio');
  await page.evaluate(() => document.querySelector<HTMLMediaElement>('video, audio')!.play());
  await page.waitForFunction(() => document.querySelector<HTMLMediaElement>('video, audio')!.currentTime > 0.5);
  if (sound.available) expect(await sound.hears()).toBe(true);
}
