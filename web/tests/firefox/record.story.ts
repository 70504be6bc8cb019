import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../api';
import { speech } from '../recording';
import { owner, Server } from '../server';
import { SoundDevice } from '../sound';
import { launchFirefox, plays } from './browser';

let server: Server, sound: SoundDevice, browser: Browser, api: Api, page: Page;

beforeAll(async () => {
  server = await Server.start();
  api = await Api.setUp(server.base);
  sound = await SoundDevice.start();
  browser = await launchFirefox(sound, 'real');
  page = await browser.newPage();
  await page.goto(`${server.base}/login`);
  await page.waitForSelector('input[type=email]');
  await page.type('input[type=email]', owner.email);
  await page.type('input[type=password]', owner.password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
});
afterAll(async () => {
  await browser?.close();
  await sound?.close();
  await server?.close();
});

/** Clicks the button with this label. */
async function click(label: string): Promise<void> {
  await (await page.waitForSelector(`::-p-xpath(//button[normalize-space()="${label}" or @aria-label="${label}"])`))!.click();
}

test('what is spoken into the microphone is recorded, heard and transcribed', async ({ skip }) => {
  skip(!sound.available, 'pulseaudio is not installed: the microphone would hear nothing');
  await page.goto(`${server.base}/record`);
  await page.waitForSelector('input[name=mode][value=voice]');
  await page.evaluate(() => document.querySelector<HTMLInputElement>('input[name=mode][value=voice]')!.click()); // the label is what is seen
  await click('Record voice');
  await click('Start now');
  await page.waitForSelector('[role=timer]');
  await sound.speak(speech);
  await Promise.all([page.waitForNavigation(), click('Stop')]);
  expect(page.url()).toMatch(/\/c\/[0-9A-Z]{26}/);

  const clip = page.url().split('/').pop()!.slice(0, 26);
  await api.waitForClip(clip, (c) => c.state === 'ready' && c.steps.transcribe.state === 'done');
  await page.reload();
  await plays(page, sound);
  const { segments } = (await (await api.send('GET', `/api/v1/clips/${clip}/transcript`)).json()) as { segments: { text: string }[] };
  expect(segments.map((s) => s.text).join(' ')).toMatch(/country|american|fellow/i);
});
