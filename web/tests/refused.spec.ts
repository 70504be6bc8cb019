import type { Page } from '@playwright/test';
import { decodedSeconds } from './decode';
import { clipIsReady } from './faults';
import { Server } from './server';
import { accessible, expect, setUp, signIn, test, workspace } from './story';
import { recorded, recordedMore, startRecording } from './steps';

test.use({ hasSpeech: false });

const stop = (page: Page) => page.getByRole('button', { name: 'Stop', exact: true }).click();

/** The clip that is being recorded. */
async function recordedClip(page: Page): Promise<string> {
  await expect(page.getByRole('textbox', { name: 'Link to this clip' })).not.toHaveValue('');
  return /[0-9A-Z]{26}/.exec(await page.getByRole('textbox', { name: 'Link to this clip' }).inputValue())![0];
}

async function savedSeconds(page: Page): Promise<number> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  return decodedSeconds(await (await download).path());
}

test('put in the trash while it is recorded: said at once, kept here, and goes on when it is back', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', 'Thrown away too early');
  await recorded(page, 3);
  const clip = await recordedClip(page);
  expect((await page.request.delete(`/api/v1/clips/${clip}`)).status()).toBe(204);
  await expect(page.getByRole('alert')).toContainText('The clip was put in the trash');
  await expect(page.getByRole('alert')).toContainText('kept on this computer');
  await accessible(page);
  await recorded(page, 6);
  await stop(page);
  await expect(page.getByRole('alert')).toContainText('The clip was put in the trash');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  expect(await savedSeconds(page)).toBeGreaterThan(5);
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await page.waitForURL(`**/c/${clip}`);
  await expect
    .poll(async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { duration_ms: number }).duration_ms)
    .toBeGreaterThan(5000);
});

test('removed from the workspace while recording: said at once, and kept here', async ({ server, browser }) => {
  const boss = await browser.newContext({ baseURL: server.base });
  await signIn(boss.request);
  const ws = await workspace(boss.request);
  const invite = (await (await boss.request.post(`/api/v1/workspaces/${ws}/invites`, { data: { role: 'member' } })).json()) as {
    url: string;
  };
  const token = invite.url.split('/').at(-1)!;
  const context = await browser.newContext({ baseURL: server.base, permissions: ['camera', 'microphone'] });
  const who = { name: 'Ben', email: 'ben@example.org', password: 'correct horse battery' };
  expect((await context.request.post(`/api/v1/invites/${token}/accept`, { data: who })).ok()).toBe(true);
  const me = (await (await context.request.get('/api/v1/me')).json()) as { user: { id: string } };

  const page = await context.newPage();
  await startRecording(page, 'Voice', 'Not a member any more');
  await recorded(page, 3);
  expect((await boss.request.delete(`/api/v1/workspaces/${ws}/members/${me.user.id}`)).status()).toBe(204);
  await expect(page.getByRole('alert')).toContainText('You no longer have access to this workspace');
  await recorded(page, 6);
  await stop(page);
  await expect(page.getByRole('button', { name: 'Send as a new clip' })).toBeHidden();
  expect(await savedSeconds(page)).toBeGreaterThan(5);
  await context.close();
  await boss.close();
});

test('a full workspace: said before and while recording, and nothing is lost', async ({ browser }) => {
  const server = await Server.start(['--workspace-quota-bytes', '900000'], false);
  try {
    await setUp(server);
    const context = await browser.newContext({ baseURL: server.base, permissions: ['camera', 'microphone'] });
    await signIn(context.request);
    const page = await context.newPage();
    await startRecording(page, 'Camera', 'Too much for the workspace');
    await expect(page.getByRole('alert')).toContainText('The workspace is full', { timeout: 90_000 });
    await expect(page.getByRole('alert')).toContainText('kept on this computer, and you can go on recording');
    await accessible(page);
    const clock = await recordedMore(page, 2);
    await stop(page);
    await expect(page.getByRole('button', { name: 'Send as a new clip' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    expect(await savedSeconds(page)).toBeGreaterThan(clock - 1);
    await context.close();
  } finally {
    await server.close();
  }
});

test('the server’s limit of one recording: it stops there by itself, and the clip is whole', async ({ browser }) => {
  const server = await Server.start(['--max-upload-bytes', '1500000'], false);
  try {
    await setUp(server);
    const context = await browser.newContext({ baseURL: server.base, permissions: ['camera', 'microphone'] });
    await signIn(context.request);
    const page = await context.newPage();
    await startRecording(page, 'Camera', 'As large as allowed');
    await expect(page.getByText(/\d:\d\d left/)).toBeVisible();
    await accessible(page);
    await page.waitForURL(/\/c\/[0-9A-Z]{26}/, { timeout: 60_000 });
    const clip = /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
    await clipIsReady(page, clip);
    await context.close();
  } finally {
    await server.close();
  }
});
