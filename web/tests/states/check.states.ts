import type { Page } from '@playwright/test';
import { denySoundOutput } from '../faults';
import { expect, test } from '../story';
import { look } from './look';
import { changeBoot, startButton } from './prepare';

const check = (page: Page) => page.getByRole('region', { name: 'Check before recording' });
const probes = '**/api/v1/upload-probe';

test('the browser has not been asked yet', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    navigator.permissions.query = async (what) =>
      Object.assign(new EventTarget(), { state: 'prompt', name: what.name, onchange: null }) as PermissionStatus;
  });
  await page.goto('/record');
  await expect(check(page).getByRole('button', { name: 'Check microphone and camera' })).toBeVisible();
  await expect(check(page).getByText('Connection is fast enough')).toBeVisible();
  await look(page, 'check-unasked');
});

test('muted by the person before a recording', async ({ signedIn: page }) => {
  await page.goto('/record');
  await expect(check(page).getByText('We can hear you')).toBeVisible();
  await page.keyboard.press('Alt+Shift+M');
  await expect(check(page).getByText('You are muted')).toBeVisible();
  await look(page, 'check-muted');
});

test('without a microphone, by choice', async ({ signedIn: page }) => {
  await page.goto('/record');
  await expect(check(page).getByText('We can hear you')).toBeVisible();
  await page.getByLabel('Microphone', { exact: true }).selectOption('No microphone');
  await expect(page.getByText('Without a microphone there is no transcript')).toBeVisible();
  await look(page, 'check-no-microphone');
});

test('a computer without sound output, before a recording', async ({ signedIn: page }) => {
  await denySoundOutput(page);
  await page.goto('/record');
  await startButton(page).click(); // the graph is wanted from here on
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(check(page).getByText(/The level cannot be shown/)).toBeVisible();
  await look(page, 'check-graph');
});

test('a sound that cannot be played', async ({ signedIn: page }) => {
  await page.addInitScript(() => (HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('', 'NotSupportedError'))));
  await page.goto('/record');
  await expect(check(page).getByText('We can hear you')).toBeVisible();
  await check(page).getByRole('button', { name: 'Hear yourself' }).click();
  await expect(page.getByText('The sound could not be played')).toBeVisible();
  await look(page, 'check-speaker');
});

for (const [name, room, text] of [
  ['workspace', { room_bytes: 60_000_000 }, /The workspace has room for/],
  ['bytes', { max_upload_bytes: 60_000_000 }, /This server takes recordings of at most/],
] as const) {
  test(`little room: ${name}`, async ({ signedIn: page }) => {
    if ('max_upload_bytes' in room) await changeBoot(page, room);
    await page.context().route('**/api/v1/workspaces/*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), ...room } });
    });
    await page.goto('/record');
    await expect(check(page).getByText(text)).toBeVisible();
    await look(page, `check-${name}`);
  });
}

test('little room on the disk, and a slow connection', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    navigator.storage.estimate = () => Promise.resolve({ quota: 1_000_000_000, usage: 940_000_000 });
  });
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 40_000 });
  await page.goto('/record');
  await expect(check(page).getByText(/The browser has room for about 3 min/)).toBeVisible();
  await expect(check(page).getByText(/Your connection is slower than the recording/)).toBeVisible();
  await look(page, 'check-disk-and-connection');
});

for (const [name, status, text] of [
  ['unreachable', 0, 'The server cannot be reached.'],
  ['signed-out', 401, 'Your session has ended.'],
] as const) {
  test(`the connection: ${name}`, async ({ signedIn: page }) => {
    await page.context().route(probes, (route) => (status ? route.fulfill({ status }) : route.abort('connectionrefused')));
    await page.goto('/record');
    await expect(check(page).getByText(text)).toBeVisible();
    await look(page, `check-${name}`);
  });
}
