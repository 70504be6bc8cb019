import { createServer, type Server as Web } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { player, recorded, startRecording, stopRecording } from './steps';
import { accessible, expect, plays, test, workspace } from './story';

test.use({ hasSpeech: false });

test.describe.configure({ mode: 'serial' });

const bad = 10_000; // ms: how long a revoked link may go on
let clip = '';

/** Opens the share dialog of the clip's page. */
const share = (page: Page) => page.getByRole('button', { name: 'Share', exact: true }).click();

/** Submits the link form and returns the address of the link. */
async function create(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Create and copy a link' }).click();
  const box = page.getByRole('textbox', { name: 'The new link' });
  await expect(box).toHaveValue(/\/s\//);
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(await box.inputValue()); // written a little later
  return box.inputValue();
}

test('a password and an end: wrong, right, and taken back while it is watched', async ({ signedIn: page, browser, server }) => {
  await startRecording(page, 'Camera', 'The plan');
  await recorded(page, 9);
  clip = await stopRecording(page);
  await share(page);
  await accessible(page);
  await page.getByRole('radio', { name: /^Password/ }).check({ force: true });
  await page.getByRole('button', { name: 'Create and copy a link' }).click();
  await expect(page.getByText('The password needs at least four characters.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('open sesame');
  await page.getByLabel('Ends').selectOption('In a day');
  const url = await create(page);
  await expect(page.getByRole('listitem').filter({ hasText: 'With a password' })).toContainText(/ends.*in 2[34] hours|tomorrow/);

  const private_ = await browser.newContext({ baseURL: server.base });
  const stranger = await private_.newPage();
  await stranger.goto(url);
  await expect(stranger.getByRole('heading', { name: 'This clip has a password' })).toBeVisible();
  expect(await stranger.content()).not.toContain('The plan');
  await accessible(stranger);
  await stranger.getByLabel('Password', { exact: true }).fill('open says me');
  await stranger.getByRole('button', { name: 'Watch' }).click();
  await expect(stranger.getByText('That is not the password.')).toBeVisible();
  await stranger.getByLabel('Password', { exact: true }).fill('open sesame');
  await stranger.getByRole('button', { name: 'Watch' }).click();
  await expect(player(stranger)).toBeVisible();
  await expect(stranger.getByRole('button', { name: 'Download' })).toBeHidden();
  await plays(stranger);
  const bytes = `/api/v1/clips/${clip}/media/master.m3u8?share=${new URL(url).pathname.split('/').pop()}`;
  expect((await private_.request.get(bytes)).status()).toBe(200);

  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByRole('button', { name: 'Take back' })).toBeHidden();
  await expect(stranger.getByRole('heading', { name: 'This link was taken back' })).toBeVisible({ timeout: bad });
  expect((await private_.request.get(bytes)).status()).toBe(404);
  expect(await stranger.locator('video').count()).toBe(0);
  await accessible(stranger);
  await stranger.reload();
  await expect(stranger.getByRole('heading', { name: 'This link does not open anything' })).toBeVisible();
  await accessible(stranger);
  await private_.close();
});

test('a part is chosen in the player; its link plays it and nothing else', async ({ signedIn: page, browser, server }) => {
  await page.goto(`/c/${clip}`);
  await share(page);
  await page.getByRole('button', { name: 'Only a part' }).click();
  await page.getByRole('button', { name: 'Choose in the player' }).click();
  await page.getByRole('slider', { name: 'Begin' }).fill('2000');
  await page.getByRole('slider', { name: 'End' }).fill('5000');
  await accessible(page);
  await page.getByRole('button', { name: 'Use this part' }).click();
  await expect(page.getByText('0:02 – 0:05')).toBeVisible();
  const url = await create(page);
  const token = new URL(url).pathname.split('/').pop();

  const private_ = await browser.newContext({ baseURL: server.base });
  const stranger = await private_.newPage();
  const files = new Set<string>();
  stranger.on('response', (r) => {
    const name = /\/media\/([^?]+)/.exec(r.url())?.[1];
    if (name && r.ok()) files.add(name);
  });
  await stranger.goto(url);
  await plays(stranger);
  expect(Math.abs((await stranger.evaluate(() => document.querySelector('video')!.duration)) - 3)).toBeLessThan(0.15);
  expect([...files].filter((f) => f.includes('/'))).toEqual(expect.arrayContaining(['part/index.m3u8', 'part/stream.mp4']));
  expect([...files].filter((f) => f.includes('/') && !f.startsWith('part/'))).toEqual([]);
  for (const path of ['src/0.m4s', 'v360/0.m4s', 'a/0.m4s', 'a/index.m3u8', 'original', 'video.mp4'])
    expect([403, 404]).toContain((await private_.request.get(`/api/v1/clips/${clip}/media/${path}?share=${token}`)).status());
  await accessible(stranger);
  await private_.close();
});

/** A page of another origin with a frame in it. */
async function elsewhere(frame: string): Promise<{ url: string; web: Web }> {
  const web = createServer((_, r) =>
    r
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><title>Wiki</title><iframe src="${frame}" width="640" height="360" allow="fullscreen"></iframe>`),
  );
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`, web };
}

test('an embed plays in the pages a workspace allows, and in no other', async ({ signedIn: page, browser, server }) => {
  const made = (await (await page.request.post(`/api/v1/clips/${clip}/links`, { data: {} })).json()) as { token: string };
  const [wiki, other] = [await elsewhere(`${server.base}/embed/${made.token}`), await elsewhere(`${server.base}/embed/${made.token}`)];
  const context = await browser.newContext();
  const reader = await context.newPage();
  const played = async (at: string) => {
    await reader.goto(at);
    const frame = reader.frames().find((f) => f.url().includes('/embed/'))!;
    await frame.getByRole('button', { name: 'Play the clip' }).click();
    await frame.waitForFunction(() => document.querySelector('video')!.currentTime > 0.5);
  };
  await played(other.url); // everybody, unless somebody chooses
  const ws = await workspace(page.request);
  const chosen = await page.request.patch(`/api/v1/workspaces/${ws}`, { data: { embed_origins: [wiki.url] } });
  expect(chosen.status()).toBe(200);
  await played(wiki.url);

  const refused = reader.waitForEvent('console', (m) => /frame-ancestors/.test(m.text()));
  await reader.goto(other.url);
  await refused;
  expect(reader.frames().some((f) => f.url().includes('/embed/'))).toBe(false);
  expect(
    (await page.request.patch(`/api/v1/workspaces/${ws}`, { data: { embed_origins: ["https://wiki.example'; script-src *"] } })).status(),
  ).toBe(400);
  await context.close();
  for (const { web } of [wiki, other]) {
    web.closeAllConnections();
    web.close();
  }
});
