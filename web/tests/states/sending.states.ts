import type { Page } from '@playwright/test';
import { recorded, startRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';
import { answerUploads, changeBoot, denyStorage, failSpool, holdTime, lastClip, pressRecord } from './prepare';

const title = 'The review of Tuesday';

async function stopAndLook(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Save as a file' })).toBeVisible();
  await look(page, name);
}

for (const [name, status, text] of [
  ['unreachable', 0, /The server cannot be reached/],
  ['failing', 500, /The server has trouble/],
  ['signed-out', 401, /Your session has ended/],
  ['storage-full', 507, /The server has no space left/],
] as const) {
  test(`no sending: ${name}`, async ({ signedIn: page }) => {
    await startRecording(page, 'Camera', title);
    await recorded(page, 2);
    if (status) await answerUploads(page, status);
    else await page.context().route('**/api/v1/uploads/**', (route) => route.abort('connectionrefused'));
    await expect(page.getByText(text).first()).toBeVisible();
    await look(page, `sending-${name}`);
    await stopAndLook(page, `sending-${name}-stopped`);
  });
}

test('no sending: offline', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await page.context().setOffline(true);
  await expect(page.getByText(/You are offline/).first()).toBeVisible();
  await look(page, 'sending-offline');
  await stopAndLook(page, 'sending-offline-stopped');
});

for (const [code, status, detail] of [
  ['too_large', 413, 'An upload may have at most 20 GB.'],
  ['quota', 413, 'This workspace is full: 5 GB of 5 GB are used.'],
  ['unsupported_media', 415, 'This is neither audio nor video that we know.'],
  ['forbidden', 403, 'You may not upload here.'],
  ['gone', 410, 'This upload has ended.'],
] as const) {
  test(`refused: ${code}`, async ({ signedIn: page }) => {
    await startRecording(page, 'Camera', title);
    await recorded(page, 2);
    await answerUploads(page, status, { code, detail });
    await expect(page.getByRole('alert').filter({ hasText: /kept on this computer/ })).toBeVisible();
    await look(page, `refused-${code}`);
    await stopAndLook(page, `refused-${code}-stopped`);
  });
}

test('a proxy that takes nothing', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await page
    .context()
    .route('**/api/v1/uploads/**', (route) =>
      route.request().method() === 'PATCH' ? route.fulfill({ status: 413, contentType: 'text/html', body: 'no' }) : route.continue(),
    );
  await expect(page.getByRole('alert').filter({ hasText: /kept on this computer/ })).toBeVisible({ timeout: 60_000 });
  await look(page, 'refused-proxy_limit');
  await stopAndLook(page, 'refused-proxy_limit-stopped');
});

test('a clip that is put in the trash', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 3);
  await page.request.delete(`/api/v1/clips/${await lastClip(page)}`);
  await expect(page.getByText('The clip was put in the trash')).toBeVisible();
  await look(page, 'refused-trashed');
  await stopAndLook(page, 'refused-trashed-stopped');
});

test('a workspace that is closed', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await page.context().route('**/api/v1/workspaces/**', (route) =>
    route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 404, code: 'not_found', detail: '' }),
    }),
  );
  await answerUploads(page, 404, { code: 'not_found', detail: 'There is no such upload.' });
  await expect(page.getByText('You no longer have access to this workspace')).toBeVisible();
  await look(page, 'refused-no_access');
  await stopAndLook(page, 'refused-no_access-stopped');
});

test('a browser that keeps no copy', async ({ signedIn: page }) => {
  await denyStorage(page);
  await startRecording(page, 'Camera', title);
  await expect(page.getByText(/This browser keeps no copy/)).toBeVisible();
  await recorded(page, 2);
  await look(page, 'private-window');
  await page.context().setOffline(true);
  await expect(page.getByText(/only in this tab/).first()).toBeVisible();
  await look(page, 'private-window-offline');
  await stopAndLook(page, 'private-window-offline-stopped');
});

test('a browser that keeps no copy, and a server that refuses', async ({ signedIn: page }) => {
  await denyStorage(page);
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await answerUploads(page, 413, { code: 'quota', detail: 'This workspace is full: 5 GB of 5 GB are used.' });
  await expect(page.getByText('The workspace is full')).toBeVisible();
  await expect(page.getByText(/This workspace is full/)).toHaveCount(1); // in the card, and nowhere else
  await look(page, 'private-window-refused');
  await stopAndLook(page, 'private-window-refused-stopped');
});

test('a disk that is full', async ({ signedIn: page }) => {
  await page.goto('/record');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 600_000 });
  await startRecording(page, 'Camera', title);
  await expect(page.getByText(/no more room on this computer/)).toBeVisible();
  await look(page, 'disk-full');
  await page.context().setOffline(true);
  await expect(page.getByText(/You are offline/).first()).toBeVisible();
  await look(page, 'disk-full-offline');
});

/** The clock of the page jumps by so many minutes. */
const jump = (page: Page, minutes: number) =>
  page.evaluate((minutes) => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + minutes * 60_000;
  }, minutes);

test('the longest clip', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await jump(page, 12 * 60 - 4.5);
  await expect(page.getByText(/left: a clip may be 12 hours long/)).toBeVisible();
  await holdTime(page);
  await look(page, 'limit-length');
  await jump(page, 4);
  await expect(page.locator('.soon')).toBeVisible();
  await look(page, 'limit-length-soon');
});

test('the largest recording', async ({ signedIn: page }) => {
  await changeBoot(page, { max_upload_bytes: 5_000_000 });
  await startRecording(page, 'Camera', title);
  await expect(page.getByText(/left: a recording may have/)).toBeVisible();
  await look(page, 'limit-bytes');
});

test('a workspace that is almost full', async ({ signedIn: page }) => {
  await page.context().route('**/api/v1/workspaces/*', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), room_bytes: 5_000_000 } });
  });
  await startRecording(page, 'Camera', title);
  await expect(page.getByText(/left: the workspace is almost full/)).toBeVisible();
  await look(page, 'limit-workspace');
});

test('a computer that is almost full', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    navigator.storage.estimate = () => Promise.resolve({ quota: 1_000_000_000, usage: 995_000_000 });
  });
  await startRecording(page, 'Camera', title);
  await expect(page.getByText(/left: the browser is running out of room/)).toBeVisible();
  await look(page, 'limit-disk');
});

test('a proxy that takes small parts alone', async ({ signedIn: page, context }) => {
  await context.route('**/api/v1/uploads/**', (route) => {
    const isLarge = (route.request().postDataBuffer()?.length ?? 0) > 100_000;
    return isLarge ? route.fulfill({ status: 413, contentType: 'text/html', body: 'no' }) : route.continue();
  });
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  await context.setOffline(true); // until there is enough for a large part
  await recorded(page, 20);
  await context.setOffline(false);
  await expect(page.getByText(/smaller parts are sent/)).toBeVisible();
  await look(page, 'proxy-small-parts');
});

test('a worker that fails', async ({ signedIn: page }) => {
  await failSpool(page);
  await startRecording(page, 'Camera', title);
  await expect(page.getByText('The recorder broke off')).toBeVisible();
  await expect(page.getByText('TypeError')).toHaveCount(0);
  await look(page, 'broke-off');
});

test('a worker that does not load', async ({ signedIn: page }) => {
  await page.context().route('**/spool.worker*.js', (route) => route.abort('connectionrefused'));
  await pressRecord(page, 'Camera');
  await page.getByRole('button', { name: 'Start now' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing was recorded' })).toBeVisible();
  await look(page, 'not-loaded');
});

test('the questions before something is thrown away', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', title);
  await recorded(page, 2);
  for (const name of ['Discard', 'Start over']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await look(page, name.toLowerCase().replace(' ', '-'));
    await page.keyboard.press('Escape');
  }
});
