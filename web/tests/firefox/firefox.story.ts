import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Api } from '../api';
import { makeRecording } from '../recording';
import { owner, Server } from '../server';
import { SoundDevice } from '../sound';
import { launchFirefox, plays, shows } from './browser';

let server: Server, sound: SoundDevice, browser: Browser, api: Api, page: Page;
let recording: Buffer<ArrayBuffer>;
let clip = '';
let errors: string[] = [];

beforeAll(async () => {
  recording = makeRecording(24);
  server = await Server.start();
  api = await Api.setUp(server.base);
  sound = await SoundDevice.start();
  browser = await launchFirefox(sound);

  clip = await api.createClip('The plan');
  await (await api.beginUpload(clip)).append(recording, true);
  await api.waitForClip(clip, (c) => c.state === 'ready');
});
afterAll(async () => {
  await browser?.close();
  await sound?.close();
  await server?.close();
});

beforeEach(async () => {
  errors = [];
  page = await (await browser.createBrowserContext()).newPage();
  await page.setViewport({ width: 1280, height: 800 });
  page.on('pageerror', (e) => errors.push(String(e)));
});
afterEach(async () => {
  await page.browserContext().close();
  expect(errors).toEqual([]);
});

async function signIn(): Promise<void> {
  await page.goto(`${server.base}/login`);
  await page.waitForSelector('input[type=email]');
  await page.type('input[type=email]', owner.email);
  await page.type('input[type=password]', owner.password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

test('a member signs in and watches', async () => {
  await signIn();
  await shows(page, 'Ana');
  await page.goto(`${server.base}/c/${clip}`);
  await shows(page, 'The plan');
  await plays(page, sound);
});

test('a stranger reads and comments by a share link', async () => {
  await api.send('POST', `/api/v1/clips/${clip}/comments`, { body: 'What do you think?' });
  const { url } = await api.createLink(clip);
  await page.goto(url);
  await shows(page, 'What do you think?');
  await plays(page, sound);

  await page.type('input[placeholder="Your name"]', 'Zoë');
  await page.keyboard.press('Enter');
  const box = (await page.waitForSelector('textarea[aria-label="Comment"]'))!;
  await box.type('From Firefox.');
  await page.keyboard.down('Control');
  await page.keyboard.press('Enter');
  await page.keyboard.up('Control');

  await page.waitForFunction(() => [...document.querySelectorAll('article')].some((a) => a.innerText.includes('From Firefox.')));
  expect(await page.evaluate(() => document.body.innerText)).not.toContain('cannot be reached');
  // The page shows a comment before the server has it.
  await expect
    .poll(async () => (await api.send('GET', `/api/v1/clips/${clip}/comments`)).text(), { timeout: 30_000 })
    .toContain('From Firefox.');
});

test('a viewer waits at the live edge while the recorder pauses, and goes on', async () => {
  const live = await api.createClip('Right now');
  const upload = await api.beginUpload(live);
  const cut = Math.floor(recording.length / 2);
  await upload.append(recording.subarray(0, cut));
  await api.waitForClip(live, (c) => c.media.master !== null);

  const { url } = await api.createLink(live);
  await page.goto(url);
  await shows(page, 'recording now');
  await plays(page, sound);
  await page.waitForFunction(() => {
    const v = document.querySelector('video')!;
    const end = v.buffered.length > 0 ? v.buffered.end(v.buffered.length - 1) : 0;
    return end > 6 && end - v.currentTime < 0.3 && v.readyState < 3;
  });

  // The playlist is asked for several times more, and the playhead stays.
  const waited = await page.evaluate(async () => {
    const v = document.querySelector('video')!;
    const at = v.currentTime;
    let refreshed = 0;
    const jumps: number[] = [];
    v.addEventListener('seeking', () => jumps.push(v.currentTime));
    await new Promise<void>((resolve) =>
      new PerformanceObserver((list) => {
        refreshed += list.getEntries().filter((e) => e.name.includes('.m3u8')).length;
        if (refreshed >= 6) resolve();
      }).observe({ type: 'resource' }),
    );
    return { at, jumps, ended: v.ended };
  });
  expect(waited).toMatchObject({ jumps: [], ended: false });

  await upload.append(recording.subarray(cut), true);
  await page.waitForFunction((at) => document.querySelector('video')!.currentTime > at + 2, {}, waited.at);
});

test('an embed plays in the page of another site', async () => {
  const { token } = await api.createLink(clip);
  const wiki = createServer((_, r) =>
    r.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Wiki</title><iframe src="${server.base}/embed/${token}"></iframe>`),
  );
  await new Promise<void>((resolve) => wiki.listen(0, '127.0.0.1', resolve));
  await page.goto(`http://127.0.0.1:${(wiki.address() as AddressInfo).port}`);
  const frame = await page.waitForFrame((f) => f.url().includes('/embed/'));
  await plays(frame, sound);
  wiki.closeAllConnections();
  wiki.close();
});
