import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type APIRequestContext, type Page } from '@playwright/test';
import { owner, Server } from './server';
import { useSmallDevices } from './smallDevices';

export { expect, owner };

interface Me {
  workspaces: { id: string }[];
}

/**
 * Stories share a server that is set up, and each has a browser that is signed in. A file that counts
 * what is there says `test.use({ alone: 'its name' })` and gets a server of its own. One in which nothing is read says
 * `hasSpeech: false`, and one for which 720p matters `hasSmallDevices: false`.
 */
export const test = base.extend<{ hasSmallDevices: boolean; signedIn: Page }, { alone: string; hasSpeech: boolean; server: Server }>({
  alone: ['', { scope: 'worker', option: true }],
  hasSpeech: [true, { scope: 'worker', option: true }],
  hasSmallDevices: [true, { option: true }],
  server: [
    async ({ alone: _, hasSpeech }, use) => {
      const server = await Server.start([], hasSpeech);
      await setUp(server);
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server.base),
  context: async ({ context, hasSmallDevices }, use) => {
    if (hasSmallDevices) await useSmallDevices(context);
    await use(context);
  },
  signedIn: async ({ page }, use) => {
    await signIn(page.request);
    await use(page);
  },
});

/** Creates the first owner and workspace of a server. */
export async function setUp(server: Server): Promise<void> {
  const answer = await fetch(`${server.base}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workspace_name: 'Harbour', ...owner, time_zone: 'Europe/Vienna' }),
  });
  if (answer.status !== 201) throw new Error(`setup: ${answer.status} ${await answer.text()}`);
}

/** Signs a browser in by the API, as the login page does. */
export async function signIn(request: APIRequestContext, who: { email: string; password: string } = owner): Promise<void> {
  const answer = await request.post('/api/v1/session', { data: { email: who.email, password: who.password } });
  expect(answer.status()).toBe(200);
}

/** The first workspace of the signed-in person. */
export async function workspace(request: APIRequestContext): Promise<string> {
  const me = (await (await request.get('/api/v1/me')).json()) as Me;
  return me.workspaces[0]!.id;
}

/** axe finds nothing on the page in its present state. */
export async function accessible(page: Page): Promise<void> {
  await expectNoViolations(page, openAxe(page));
}

/** The same by the rules on colours alone: for a page of which only those have changed since `accessible`. */
export async function accessibleColours(page: Page): Promise<void> {
  await expectNoViolations(page, openAxe(page).withRules(['color-contrast', 'link-in-text-block']));
}

/** axe, which looks for violations alone; a tab of its own, in which it joins the results of several frames, only where there are several. */
const openAxe = (page: Page): AxeBuilder =>
  new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(page.frames().length === 1);

async function expectNoViolations(page: Page, axe: AxeBuilder): Promise<void> {
  // A colour on its way to another one has the contrast of neither.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().endTime === Infinity),
  );
  const found = await axe.analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
}

/** Plays the page's media, once it is there, and returns once sound was decoded and time moves on. */
export async function plays(page: Page): Promise<void> {
  await page.waitForSelector('video, audio', { state: 'attached' });
  await page.evaluate(async () => {
    const media = document.querySelector<HTMLMediaElement>('video, audio')!;
    // A source that is connected after play() would interrupt it.
    if (media.readyState === 0) await new Promise((resolve) => media.addEventListener('loadedmetadata', resolve, { once: true }));
    await media.play();
  });
  await page.waitForFunction(() => {
    const media = document.querySelector<HTMLMediaElement & { webkitAudioDecodedByteCount?: number }>('video, audio');
    return !!media && media.currentTime > 0.5 && (media.webkitAudioDecodedByteCount ?? 0) > 0;
  });
}
