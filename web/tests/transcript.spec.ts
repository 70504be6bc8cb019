import { readFile } from 'node:fs/promises';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { speech } from '../playwright.config';
import { position, transcript } from './steps';
import { accessible, expect, owner, test, workspace } from './story';

/** Eleven seconds of a speech (16 kHz, 16 bits, mono), with four of silence put in after the first words. */
async function paused(): Promise<Buffer> {
  const wav = await readFile(speech);
  const data = wav.indexOf('data') + 8;
  const at = data + 2 * Math.round(2.9 * 16_000);
  const body = Buffer.concat([wav.subarray(0, at), Buffer.alloc(4 * 32_000), wav.subarray(at)]);
  body.writeUInt32LE(body.length - 8, 4);
  body.writeUInt32LE(body.length - data, data - 4);
  return body;
}

/** The speech, uploaded by the API; the clip's id once it was transcribed and its sound measured. */
async function spoken(api: APIRequestContext, title: string): Promise<string> {
  const workspace_id = await workspace(api);
  const made = await api.post('/api/v1/clips', { data: { workspace_id, kind: 'file', title } });
  const { id } = (await made.json()) as { id: string };
  const body = await paused();
  const b64 = (s: string) => Buffer.from(s).toString('base64');
  const tus = { 'Tus-Resumable': '1.0.0' };
  const created = await api.post('/api/v1/uploads', {
    headers: { ...tus, 'Upload-Length': String(body.length), 'Upload-Metadata': `clip_id ${b64(id)},filename ${b64('jfk.wav')}` },
  });
  const sent = await api.patch(created.headers()['location']!, {
    headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
    data: body,
  });
  expect(sent.status()).toBe(204);
  await expect
    .poll(
      async () => {
        const clip = (await (await api.get(`/api/v1/clips/${id}`)).json()) as { state: string; steps: { transcribe: { state: string } } };
        expect(clip.state).not.toBe('failed');
        return `${clip.state} ${clip.steps.transcribe.state}`;
      },
      { timeout: 100_000 },
    )
    .toBe('ready done');
  return id;
}

const lines = (region: Locator) => region.locator('[data-segment] p');
const editor = (region: Locator) => region.getByRole('textbox', { name: /What was said/ });
const texts = async (page: Page, id: string) => {
  const t = (await (await page.request.get(`/api/v1/clips/${id}/transcript`)).json()) as { segments: { text: string }[] };
  return t.segments.map((s) => s.text);
};

test('a transcript is corrected by keyboard, quoted, replaced by captions, and learns', async ({ signedIn: page }) => {
  const id = await spoken(page.request, 'Inaugural');
  await page.goto(`/c/${id}`);
  const region = await transcript(page);
  await expect(region).toContainText(/country/i);
  await accessible(page);
  const first = (await texts(page, id))[0]!;
  const words = first.split(' ');

  // Silences are passed over, and the player says what that saves.
  const skip = page.getByRole('button', { name: /^Skip silences, saves 0:0[3-9]$/ });
  await skip.click();
  await expect(skip).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate(() => {
    const media = document.querySelector<HTMLMediaElement>('video, audio')!;
    const seen: number[] = [];
    Object.assign(window, { seen });
    media.addEventListener('timeupdate', () => seen.push(media.currentTime));
    media.currentTime = 2;
    return media.play();
  });
  await expect.poll(() => position(page)).toBeGreaterThan(7.2);
  expect(await page.evaluate(() => (window as unknown as { seen: number[] }).seen.filter((s) => s > 4 && s < 6.5))).toEqual([]);
  await page.keyboard.press('s');
  await expect(skip).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('k');

  // Split at the caret, type into the new line, undo both.
  await lines(region).first().dblclick();
  const caret = words.slice(0, 3).join(' ').length + 1;
  await editor(region).evaluate((box: HTMLTextAreaElement, at) => box.setSelectionRange(at, at), caret);
  await page.keyboard.press('Enter');
  await expect(editor(region)).toHaveValue(words.slice(3).join(' '));
  await editor(region).press('Control+End');
  await editor(region).pressSequentially(' indeed');
  await accessible(page);
  await editor(region).press('Control+Enter');
  await expect(editor(region)).toHaveCount(0);
  await expect
    .poll(() => texts(page, id))
    .toEqual([words.slice(0, 3).join(' '), `${words.slice(3).join(' ')} indeed`, ...(await texts(page, id)).slice(2)]);

  // The line says who edited it.
  await expect(region.getByRole('img', { name: /^Edited by \S/ })).toHaveCount(1);

  // Backspace at the start joins; the caret stands where they met.
  await page.keyboard.press('e');
  const second = region.locator('[data-segment]').nth(1);
  await expect(editor(second)).toBeFocused();
  await editor(second).evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(0, 0));
  await page.keyboard.press('Backspace');
  await expect(editor(region)).toHaveValue(`${first} indeed`);
  await page.keyboard.press('Escape');
  for (let n = 0; n < 3; n++) await page.keyboard.press('Control+z');
  await expect.poll(async () => (await texts(page, id))[0]).toBe(first);
  await expect(lines(region).first()).toHaveText(first);

  // Find, by F3. It begins at the playhead, which a clip that plays meanwhile has moved on.
  await page.evaluate(() => {
    const player = document.querySelector<HTMLMediaElement>('video, audio')!;
    player.pause();
    player.currentTime = 0;
  });
  await page.keyboard.press('F3');
  await page.keyboard.type('country');
  await expect(page.getByText(/^1 of \d$/)).toBeVisible();
  await page.keyboard.press('F3');
  await expect(page.getByText(/^2 of \d$/)).toBeVisible();
  await page.keyboard.press('Escape');

  // Select and copy as a quote with C, which is not for the captions then.
  const said = await region.evaluate((list) => {
    const all = list.querySelectorAll('.w');
    (list as HTMLElement).focus(); // as pressing the mouse does
    getSelection()!.setBaseAndExtent(all[4]!.firstChild!, 1, all[6]!.firstChild!, 1);
    return [4, 5, 6].map((i) => all[i]!.textContent).join(' ');
  });
  await expect(page.getByRole('button', { name: 'Copy quote' })).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByText(/Quote copied/)).toBeVisible();
  const quoted = await page.evaluate(() => navigator.clipboard.readText());
  expect(quoted).toContain(`“${said}” — ${owner.name}, Inaugural\n`);
  expect(quoted).toMatch(new RegExp(`/c/${id}\\?t=[0-9.]+$`));

  // A term of the glossary takes the place of what was heard, and gives it back.
  const ws = await workspace(page.request);
  const put = await page.request.put(`/api/v1/workspaces/${ws}/glossary`, {
    data: { entries: [{ term: 'COUNTRY™', sounds_like: ['country'] }] },
  });
  expect(put.status()).toBe(200);
  await page.getByRole('button', { name: 'More of the transcript' }).click();
  await page.getByRole('menuitem', { name: 'Apply the glossary' }).click();
  await expect(region.getByText('COUNTRY™').first()).toHaveAttribute('title', /heard “country/i);
  await page.getByRole('button', { name: 'More of the transcript' }).click();
  await page.getByRole('menuitem', { name: /Put back what was heard/ }).click();
  await expect(region.getByText('COUNTRY™')).toHaveCount(0);

  // A captions file: a wrong one says which line, a right one is the transcript.
  const file = (body: string) =>
    page.getByLabel('Captions file').setInputFiles({ name: 'talk.vtt', mimeType: 'text/vtt', buffer: Buffer.from(body) });
  const replace = () => page.getByRole('button', { name: 'Replace', exact: true }).click();
  await file('WEBVTT\n\n00:01.000 -> 00:02.000\nHi\n');
  await replace();
  await expect(page.getByText(/Line 4/)).toBeVisible();
  await expect(lines(region).first()).toHaveText(first);
  await file('WEBVTT\n\n00:00.300 --> 00:02.000\n<v Ana>Guten Tag, zusammen.\n\n00:06.500 --> 00:08.000\nمرحبا بكم\n');
  await replace();
  await expect(lines(region)).toHaveText(['Guten Tag, zusammen.', 'مرحبا بكم']);
  await expect(region.getByRole('button', { name: /Speaker: Ana/ })).toBeVisible();
  await expect(region.getByRole('button', { name: 'Go to about 0:06' })).toBeVisible();
  expect(
    await lines(region)
      .nth(1)
      .evaluate((p) => getComputedStyle(p).direction),
  ).toBe('rtl');
  await accessible(page);

  // Fillers are marked on demand.
  await file('WEBVTT\n\n00:00.300 --> 00:03.000\nUm, good morning, uh, everyone.\n');
  await replace();
  await page.getByRole('button', { name: 'More of the transcript' }).click();
  await page.getByRole('menuitem', { name: 'Mark fillers (2)' }).click();
  await expect(region.locator('.filler')).toHaveText(['Um,', 'uh,']);
  await accessible(page);
});

test('the glossary is kept in the settings', async ({ signedIn: page }) => {
  await page.goto('/settings/workspace');
  await page.getByRole('button', { name: 'Add a term' }).click();
  await page.getByRole('textbox', { name: 'Term', exact: true }).fill('Ana Lovelace');
  await page.getByLabel('Instead of').fill('anna love lace');
  await accessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('instead of “anna love lace”')).toBeVisible();
  await page.getByRole('button', { name: 'Paste a list' }).click();
  await page.getByLabel('Terms').fill('Kubernetes: cooper nettie\nBo\n');
  await page.getByRole('button', { name: 'Add them' }).click();
  await expect(page.getByText('instead of “cooper nettie”')).toBeVisible();
  await page.getByRole('button', { name: 'Remove Bo' }).click();
  await expect(page.getByRole('button', { name: 'Remove Bo' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'Remove Bo' })).toBeVisible();
});
