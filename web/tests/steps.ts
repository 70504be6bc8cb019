import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** How a story records: what the page calls its modes. */
export type ModeName = 'Camera' | 'Screen' | 'Screen and camera' | 'Voice';

/** Opens the recorder, chooses a mode and starts; returns once the recording runs. */
export async function startRecording(page: Page, mode: ModeName, title: string): Promise<void> {
  await page.goto('/record');
  await page.getByRole('radio', { name: mode, exact: true }).check({ force: true }); // the label is what is seen
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: /^Record / }).click();
  await skipCountdown(page);
}

/** Starts without the countdown, which a busy computer may have ended before it is seen. Returns once the recording runs. */
export async function skipCountdown(page: Page): Promise<void> {
  const start = page.getByRole('button', { name: 'Start now' });
  const timer = page.getByRole('timer', { name: 'Recorded' });
  await expect(start.or(timer).first()).toBeVisible();
  await start.click({ timeout: 3000 }).catch(() => {});
  await expect(timer).toBeVisible();
}

/** What the clock of the recorder shows, in whole seconds. */
export async function recordedSeconds(page: Page): Promise<number> {
  const [m, s] = ((await page.getByRole('timer', { name: 'Recorded' }).textContent()) ?? '0:00').split(':').map(Number);
  return (m ?? 0) * 60 + (s ?? 0);
}

/** Waits until the clock of the recorder shows at least so many seconds. */
export async function recorded(page: Page, seconds: number): Promise<void> {
  await expect.poll(() => recordedSeconds(page), { timeout: (seconds + 90) * 1000, intervals: [200] }).toBeGreaterThanOrEqual(seconds);
}

/** Records so many seconds more. Returns what the clock shows then. */
export async function recordedMore(page: Page, seconds: number): Promise<number> {
  await recorded(page, (await recordedSeconds(page)) + seconds);
  return recordedSeconds(page);
}

/** Waits until the recorder shows another picture than at first: its camera gives new ones. */
export async function pictureMoves(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const video = document.querySelector('video')!;
    const pen = new OffscreenCanvas(32, 18).getContext('2d')!;
    pen.drawImage(video, 0, 0, 32, 18);
    const now = pen.getImageData(0, 0, 32, 18).data.join();
    const first = (document.documentElement.dataset.firstPicture ??= now);
    return first !== now;
  });
}

/** Stops the recording and returns once the clip's page shows its player. */
export async function stopRecording(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  return openedClip(page);
}

/** Stops the recording at once, whatever else the machine does, and returns what the clock showed then (s). */
export async function stopAt(page: Page): Promise<number> {
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  const shown = await stop.evaluate((button: HTMLElement) => {
    const text = document.querySelector('[role="timer"]')!.textContent!;
    button.click();
    return text;
  });
  const [m, s] = shown.split(':').map(Number);
  return m! * 60 + s!;
}

/** The clip whose page comes when a recording has ended. */
export async function openedClip(page: Page): Promise<string> {
  await page.waitForURL(/\/c\/[0-9A-Z]{26}/);
  await expect(player(page)).toBeVisible();
  return /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
}

export const player = (page: Page): Locator =>
  page.getByRole('region', { name: 'Player' }).or(page.locator('[aria-label="Player"]')).first();

/** A word of the speech that the fake microphone gives. How well words are heard is measured in `transcribe`; a busy computer's microphone garbles them. */
export const speechWord = /\b(fellow|americans|ask|country|what|your|you)\b/i;

/** The transcript tab, with what is in it. */
export async function transcript(page: Page): Promise<Locator> {
  await page.getByRole('tab', { name: /Transcript/ }).click();
  return page.getByRole('region', { name: 'Transcript' });
}

/** The position of the player, in seconds. */
export const position = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector<HTMLMediaElement>('video, audio')?.currentTime ?? -1);

/** Where a new comment is written. */
export const commentBox = (page: Page): Locator => page.getByRole('textbox', { name: 'Comment', exact: true });

/** The first comment with these words. */
export const thread = (page: Page, words: string | RegExp): Locator => page.locator('article').filter({ hasText: words }).first();

/** Finishes, in another page, the recording of a tab that died. Returns that page. */
export async function recoverCutOff(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('/record');
  const offer = page.getByRole('region', { name: 'A recording that was cut off' });
  await offer.getByRole('button', { name: 'Recover it' }).click();
  await expect(offer).toContainText('Your recording is safe');
  return page;
}
