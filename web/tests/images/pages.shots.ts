import { expect, test, type Browser, type Page } from '@playwright/test';
import { owner, Server } from '../server';
import { player, recorded, startRecording, stopRecording, transcript } from '../steps';
import { signIn } from '../story';
import { take } from './look';
import { fill } from './workspace';

const abroad = { locale: 'en-GB', timezoneId: 'Europe/Vienna' };
const showpiece = 'Two Cities, chapter one: the pace I have in mind';

test('every page, by day, by night and on a phone', async ({ browser }) => {
  const server = await Server.start();
  try {
    const page = await (await browser.newContext({ ...abroad, baseURL: server.base, permissions: ['camera', 'microphone'] })).newPage();
    await firstVisit(page);
    await login(browser, server.base);
    const studio = await (await browser.newContext()).newPage();
    const clips = await fill(page, studio);
    await home(page);
    await clip(page, `/c/${clips.get(showpiece)!}`);
    await voice(page, `/c/${clips.get('Sonnet I, first reading')!}`);
    await search(page);
    await plain(page, '/settings', 'settings');
    await plain(page, '/nowhere', 'not-found');
    await recorder(page, browser, server.base);
  } finally {
    await server.close();
  }
});

async function plain(page: Page, path: string, name: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await take(page, name);
}

async function firstVisit(page: Page): Promise<void> {
  await page.goto('/');
  await page.waitForURL('**/setup');
  await page.getByLabel('Workspace').fill('Lighthouse Audio');
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('Email').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await take(page, 'setup');
  await page.getByRole('button', { name: 'Create the workspace' }).click();
  await page.waitForURL(/\/$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await take(page, 'home-first');
}

async function login(browser: Browser, baseURL: string): Promise<void> {
  const page = await (await browser.newContext({ baseURL })).newPage();
  await page.goto('/login');
  await page.getByLabel('Email').fill(owner.email);
  await take(page, 'login');
  await page.context().close();
}

async function home(page: Page): Promise<void> {
  for (const [path, name] of [
    ['/', 'home'],
    ['/library', 'library'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('link', { name: showpiece }).first()).toBeVisible();
    await page.waitForLoadState('networkidle');
    await take(page, name);
  }
}

/** The picture of that second is on the screen. */
async function seen(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const media = document.querySelector<HTMLMediaElement>('video, audio');
    return !!media && media.readyState >= 2 && !media.seeking;
  });
}

/** Plays on to a second and stops there, so that the controls are seen and not the invitation to begin. */
const listen = (page: Page, until: number) =>
  page.evaluate(
    (until) =>
      new Promise<void>((there, wrong) => {
        const media = document.querySelector<HTMLMediaElement>('video, audio')!;
        media.ontimeupdate = () => media.currentTime >= until && (media.pause(), there());
        media.play().catch(wrong);
      }),
    until,
  );

async function clip(page: Page, path: string): Promise<void> {
  await page.goto(`${path}?t=15.6`);
  await seen(page);
  await listen(page, 16.2);
  await page.getByRole('tab', { name: /Comments/ }).click();
  await expect(page.getByText('This is where I smiled')).toBeVisible();
  await take(page, 'clip');
  await transcript(page);
  await take(page, 'clip-transcript');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await take(page, 'share');
}

async function voice(page: Page, path: string): Promise<void> {
  await page.goto(`${path}?t=12.6`);
  await seen(page);
  await page.getByRole('tab', { name: /Transcript/ }).click();
  await take(page, 'clip-voice');
}

async function search(page: Page): Promise<void> {
  await page.goto('/search?q=time');
  await expect(page.getByRole('list', { name: 'Results' }).locator('mark').first()).toBeVisible();
  await take(page, 'search');
  await page.goto('/search?q=trombone');
  await expect(page.getByText(/nothing/i).first()).toBeVisible();
  await take(page, 'search-empty');
}

async function recorder(page: Page, browser: Browser, baseURL: string): Promise<void> {
  await page.goto('/record');
  await expect(page.locator('video').first()).toBeVisible();
  await page.getByLabel('Title').fill('Inaugural, take three');
  await take(page, 'record');
  await page.setViewportSize({ width: 1280, height: 800 });
  await startRecording(page, 'Camera', 'Inaugural, take three');
  await recorded(page, 14);
  await expect(page.getByRole('list', { name: 'Live transcript' })).toContainText(/country/i, { timeout: 120_000 });
  await take(page, 'record-live');
  await live(page, browser, baseURL);
  await stopRecording(page);
}

/** A viewer watches while it is recorded. */
async function live(page: Page, browser: Browser, baseURL: string): Promise<void> {
  const items = (await (await page.request.get('/api/v1/clips?state=recording')).json()) as { items: { id: string }[] };
  const context = await browser.newContext({ ...abroad, baseURL });
  await signIn(context.request);
  const viewer = await context.newPage();
  await viewer.goto(`/c/${items.items[0]!.id}`);
  await expect(viewer.getByText('Live – recording now')).toBeVisible();
  await expect(player(viewer)).toBeVisible();
  await viewer.evaluate(() => document.querySelector('video')?.play());
  await viewer.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1);
  await expect(
    (await transcript(viewer))
      .getByRole('listitem')
      .or(viewer.getByText(/fellow/i))
      .first(),
  ).toBeVisible();
  await take(viewer, 'clip-live', seen);
  await context.close();
}
