import type { Page } from '@playwright/test';
import { Server } from './server';
import { accessible, accessibleColours, expect, owner, test } from './story';

const pages = [
  '/',
  '/record',
  '/library',
  '/inbox',
  '/search',
  '/search?q=nothing-like-it',
  '/settings',
  '/settings/people',
  '/settings/workspace',
  '/settings/security',
  '/settings/audit',
  '/nowhere',
  '/s/nothing-like-it',
];
const phone = { width: 390, height: 844 };

/** The page is there: its main part has a heading, seen or for screen readers. */
const there = (page: Page) => expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);

for (const size of [undefined, phone])
  test(`axe finds nothing, light and dark, ${size ? 'phone' : 'desk'}`, async ({ signedIn: page }) => {
    if (size) await page.setViewportSize(size);
    for (const path of pages) {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.goto(path);
      await there(page);
      await accessible(page);
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' }); // colours follow by CSS alone
      await accessibleColours(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  });

test('the first visit: mistakes are named, then the workspace is there', async ({ browser }) => {
  const server = await Server.start();
  const context = await browser.newContext({ baseURL: server.base });
  const page = await context.newPage();
  await page.goto('/');
  await page.waitForURL('**/setup');
  await accessible(page);
  await page.getByLabel('Workspace').fill('Harbour');
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('Email').fill('not an address');
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Email').fill(owner.email);
  await page.getByRole('button', { name: 'Create the workspace' }).click();
  await page.waitForURL(`${server.base}/`);
  await there(page);

  // Sign out, a wrong password, the right one.
  const stranger = await browser.newContext({ baseURL: server.base });
  const door = await stranger.newPage();
  await door.goto('/library');
  await door.waitForURL('**/login**');
  await accessible(door);
  await door.getByLabel('Email').fill(owner.email);
  await door.getByLabel('Password', { exact: true }).fill('wrong horse');
  await door.getByRole('button', { name: 'Sign in' }).click();
  await expect(door.getByRole('alert')).toBeVisible();
  await door.getByLabel('Password', { exact: true }).fill(owner.password);
  await door.getByRole('button', { name: 'Sign in' }).click();
  await door.waitForURL('**/library');
  await stranger.close();
  await context.close();
  await server.close();
});

test('no microphone, and no secure context: the page says what to do', async ({ signedIn: page, browser, server }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true });
  await page.getByRole('button', { name: /^Record / }).click();
  await expect(page.getByRole('alert')).toContainText(/allow/i);
  await accessible(page);

  // The same server by a name that is not secure.
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
  await plain.goto(`${server.base}/record`);
  await expect(plain.getByRole('alert')).toContainText(/secure|https/i);
  await context.close();
});

test('a file that is not media is refused with a sentence', async ({ signedIn: page }) => {
  await page.goto('/library');
  await page.setInputFiles('input[type=file]', {
    name: 'film.mp4',
    mimeType: 'video/mp4',
    buffer: Buffer.from('#EXTM3U\n#EXTINF:10,\n/etc/passwd\n'.repeat(50)),
  });
  await expect(page.getByText(/not a recording we can read/i)).toBeVisible();
  await accessible(page);
});
