import puppeteer, { type Browser, type Frame, type Page } from 'puppeteer-core';

/** Debian's Firefox, driven over WebDriver BiDi. It has no sound device and does not call home. */
export function launchFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
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

/** Plays the media of a page or frame and returns once time moves on. */
export async function plays(page: Page | Frame): Promise<void> {
  await page.waitForSelector('video, audio');
  await page.evaluate(async () => {
    const media = document.querySelector<HTMLMediaElement>('video, audio')!;
    media.muted = true;
    await media.play();
  });
  await page.waitForFunction(() => document.querySelector<HTMLMediaElement>('video, audio')!.currentTime > 0.5);
}
