import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WebKitPage } from './page';
import { pictures, startWorld } from './world';

const world = startWorld();

/** Waits until a page is there with all that it loads, not only as the server drew it: it has a heading, seen or for screen readers. */
const waitForPage = (page: WebKitPage) =>
  page.waitFor(
    () =>
      document.readyState === 'complete' &&
      document.querySelector('#app [class*="svelte-"]') !== null &&
      document.querySelectorAll('h1').length === 1 &&
      document.querySelector('.skeleton') === null &&
      [...document.images].every((image) => image.complete || image.loading === 'lazy') &&
      [...document.querySelectorAll('video')].every((video) => video.readyState >= 2), // WebKitGTK may hang when it leaves one that loads
  );

const overflow = (page: WebKitPage) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Opens pages on a desk and on a phone, and keeps a picture of each. */
async function openPages(page: WebKitPage, scheme: string, paths: [name: string, path: string][]): Promise<void> {
  for (const [name, path] of paths) {
    await page.goto(world.site.base + path);
    await waitForPage(page);
    expect(await overflow(page), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    await page.screenshot(join(pictures, `${name}-${scheme}.png`));

    await page.goto(`${world.site.base}/__phone?${encodeURIComponent(path)}`);
    await page.enterFrame('iframe');
    await waitForPage(page);
    expect(await page.evaluate(() => innerWidth)).toBe(390);
    expect(await overflow(page), `${path} scrolls sideways on a phone`).toBeLessThanOrEqual(0);
    await page.leaveFrame();
    await page.screenshot(join(pictures, `${name}-${scheme}-phone.png`), 'iframe');
  }
}

test('the first visit sets the workspace up', async () => {
  const page = await world.openPage();
  await openPages(page, 'light', [['setup', '/setup']]);
  await world.setUp();
});

for (const scheme of ['light', 'dark']) {
  test(`every page of a member, ${scheme}`, async () => {
    const page = await world.openPage({ dark: scheme === 'dark' });
    expect(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(scheme === 'dark');
    await world.signIn(page);
    await openPages(page, scheme, [
      ['home', '/'],
      ['record', '/record'],
      ['library', '/library'],
      ['inbox', '/inbox'],
      ['search', '/search?q=country'],
      ['search-nothing', '/search?q=nothing-like-it'],
      ['settings', '/settings'],
      ['people', '/settings/people'],
      ['workspace', '/settings/workspace'],
      ['security', '/settings/security'],
      ['audit', '/settings/audit'],
      ['clip', `/c/${world.clip}`],
      ['not-found', '/nowhere'],
    ]);
  });

  test(`every page of a stranger, ${scheme}`, async () => {
    const page = await world.openPage({ dark: scheme === 'dark' });
    const { url, token } = await world.api.createLink(world.clip);
    const { url: locked } = await world.api.createLink(world.clip, 'open sesame');
    const invitation = await world.api.createInvitation();
    await openPages(page, scheme, [
      ['login', '/login'],
      ['invite', new URL(invitation).pathname],
      ['link', new URL(url).pathname],
      ['password', new URL(locked).pathname],
      ['link-unknown', '/s/nothing-like-it'],
    ]);
    await page.goto(`${world.site.base}/embed/${token}`);
    await page.waitFor(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
    await page.screenshot(join(pictures, `embed-${scheme}.png`));
  });
}
