import type { Browser, Locator, Page } from '@playwright/test';
import { clipOf, found } from './clips';
import { commentBox, thread } from './steps';
import { accessible, expect, test, workspace } from './story';

test.use({ alone: 'people' });

const ben = { name: 'Ben Okafor', email: 'ben@example.org', password: 'a lantern on the pier' };
const title = 'The pier is closed';
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

const dialog = (page: Page) => page.getByRole('dialog');
const people = (page: Page) => page.getByRole('list', { name: 'People', exact: true });
const news = (page: Page, count: number) => expect(page.getByRole('link', { name: `Inbox, ${count} new` }).first()).toBeVisible();

/** The picture of a person was loaded and is what is shown. */
const pictured = (at: Locator) =>
  expect
    .poll(() =>
      at
        .locator('img[src*="/avatar/"]')
        .first()
        .evaluate((i: HTMLImageElement) => i.complete && i.naturalWidth),
    )
    .toBe(256);

/** Makes an invitation in the settings and answers its link. */
async function invite(page: Page): Promise<string> {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'Invite people' }).click();
  await accessible(page);
  await page.getByRole('button', { name: 'Make the link' }).click();
  const link = page.getByRole('textbox', { name: 'Invitation link' });
  await expect(link).toHaveValue(/\/invite\//);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(await link.inputValue());
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('list', { name: 'Open invitations' })).toContainText('for one person');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Opens an invitation and makes an account. */
async function join(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Join Harbour' })).toBeVisible();
  await expect(page.getByText('Ana Lovelace invites you.')).toBeVisible();
  await page.getByRole('button', { name: 'Create my account and join' }).click();
  await expect(page.getByLabel('Your name')).toBeFocused(); // the first that is missing
  await accessible(page);
  await page.getByLabel('Your name').fill(ben.name);
  await page.getByLabel('Email').fill(ben.email);
  await page.getByLabel('Password', { exact: true }).fill(ben.password);
  await page.getByRole('button', { name: 'Create my account and join' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Ben');
}

/** A stranger gets nowhere with an invitation that is used up, and is asked who they are before anything is said of a clip. */
async function knockInVain(browser: Browser, base: string, link: string, clip: string): Promise<void> {
  const context = await browser.newContext({ baseURL: base });
  const stranger = await context.newPage();
  expect((await stranger.goto(link))?.status()).toBe(404);
  await expect(stranger.getByRole('heading', { name: 'This invitation does not open anything' })).toBeVisible();
  await stranger.goto(`/c/${clip}`);
  await stranger.waitForURL('**/login**');
  expect(await stranger.content()).not.toContain(title);
  for (const path of ['', '/media/original', '/comments'])
    expect((await stranger.request.get(`/api/v1/clips/${clip}${path}`)).status()).toBe(404);
  await context.close();
}

/** In private: made, with the clip in it, and with nobody but its owner. */
async function privateChannel(page: Page, clip: string): Promise<void> {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'New channel' }).click();
  await dialog(page).getByLabel('Channel name').fill('skippers');
  await dialog(page)
    .getByRole('radio', { name: /^Private/ })
    .check();
  await accessible(page);
  await page.getByRole('button', { name: 'Create the channel' }).click();
  await expect(page.getByRole('list', { name: 'Channels' })).toContainText('1 person');
  await page.goto(`/c/${clip}`);
  const kept = page.waitForResponse((r) => r.request().method() === 'PATCH' && r.url().includes(clip));
  await page.getByLabel('Who in the workspace sees it').selectOption('# skippers (private)');
  expect((await kept).status()).toBe(200);
}

/** Opens who is in the channel, and does something there. */
async function members(page: Page, act: (box: ReturnType<typeof dialog>) => Promise<void>): Promise<void> {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'Members of skippers' }).click();
  await expect(dialog(page).getByRole('list', { name: 'Members' })).toContainText('Ana Lovelace');
  await act(dialog(page));
  await page.getByRole('button', { name: 'Close' }).click();
}

/** A person who may not see the clip finds it nowhere. */
async function nowhere(page: Page, clip: string, ws: string): Promise<void> {
  expect((await page.goto(`/c/${clip}`))?.status()).toBe(404);
  expect(await page.content()).not.toContain(title);
  await page.goto('/library');
  await expect(
    page
      .getByText('No clips yet')
      .or(page.getByRole('article'))
      .or(page.getByRole('heading', { level: 2 }))
      .first(),
  ).toBeVisible();
  await expect(page.getByText(title)).toHaveCount(0);
  expect(await found(page.request, ws, 'country')).toEqual([]);
}

test('invited, let into a private channel, talking, let out, made an admin, removed', async ({ signedIn: page, browser, server }) => {
  expect((await page.request.put('/api/v1/me/avatar', { data: picture, headers: { 'Content-Type': 'image/png' } })).status()).toBe(200);
  const link = await invite(page);
  await pictured(people(page));
  const clip = await clipOf(page.request, title);
  const ws = await workspace(page.request);
  await expect.poll(() => found(page.request, ws, 'country')).toEqual([title]); // it is in the index, for those who may

  const context = await browser.newContext({ baseURL: server.base });
  const second = await context.newPage();
  await join(second, link);
  await page.reload();
  await expect(people(page)).toContainText(ben.email);
  await expect(page.getByRole('list', { name: 'Open invitations' })).toHaveCount(0);

  // The channel is not there for the second, nor is what is in it; for a stranger even less.
  await privateChannel(page, clip);
  await nowhere(second, clip, ws);
  await second.goto('/settings/people');
  await expect(second.getByText('There is no channel yet.')).toBeVisible();
  await expect(second.getByRole('button', { name: 'Invite people' })).toHaveCount(0);
  await knockInVain(browser, server.base, link, clip);

  // Let in, the second finds it, and asks the owner, who is elsewhere and is told at once.
  await members(page, async (box) => {
    await box.getByLabel('Add somebody').selectOption({ label: `${ben.name} (${ben.email})` });
    await expect(box.getByRole('button', { name: `Take out ${ben.name}` })).toBeVisible();
    await accessible(page);
  });
  await second.goto('/search?q=country');
  await second.getByRole('link', { name: title }).first().click();
  await commentBox(second).pressSequentially('@ana');
  await expect(second.getByRole('listbox', { name: 'People to mention' }).getByRole('option')).toHaveText(['Ana Lovelace']);
  await pictured(second.getByRole('listbox', { name: 'People to mention' }));
  await commentBox(second).press('Enter');
  await commentBox(second).pressSequentially('when does it open again?');
  await second.getByRole('button', { name: 'Send', exact: true }).click();
  await news(page, 1);

  // From the inbox to the comment; a reaction and the end of it are seen where the second sits, and counted.
  await page
    .getByRole('link', { name: /^Inbox/ })
    .first()
    .click();
  await page.getByRole('link', { name: /Ben Okafor mentioned you/ }).click();
  const asked = thread(page, 'when does it open again?');
  await expect(asked.locator('[data-initials=BO]')).toBeVisible(); // who has none
  await asked.hover();
  await asked.getByRole('button', { name: /^React to/ }).click();
  await page.getByRole('button', { name: 'celebration' }).last().click();
  await expect(thread(second, 'when does it').getByRole('button', { name: /^celebration, 1/ })).toBeVisible();
  await asked.hover();
  await asked.getByRole('button', { name: 'Resolve this thread' }).click();
  await second.getByRole('button', { name: /^Resolved/ }).click();
  await expect(thread(second, 'when does it')).toContainText('Resolved by Ana Lovelace');
  await expect(second.getByRole('link', { name: /^Inbox, \d+ new/ }).first()).toBeVisible();

  // Let out again: the open page closes, and nothing is left of it.
  await members(page, async (box) => {
    await box.getByRole('button', { name: `Take out ${ben.name}` }).click();
    await expect(box.getByRole('list', { name: 'Members' })).not.toContainText(ben.name);
  });
  await expect(second.getByRole('heading', { name: 'This clip is not here any more' })).toBeVisible();
  await nowhere(second, clip, ws);

  // Another role, then none.
  await page.getByLabel(`Role of ${ben.name}`).selectOption('Admin');
  await expect(page.getByText(`${ben.name} is an admin now`)).toBeVisible();
  await second.goto('/settings/people');
  await expect(second.getByRole('button', { name: 'Invite people' })).toBeVisible();
  await expect(second.getByRole('button', { name: 'Remove Ana Lovelace' })).toHaveCount(0); // an owner is above admins
  await page.getByRole('button', { name: `Remove ${ben.name}` }).click();
  await dialog(page).getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(people(page)).not.toContainText(ben.name);
  expect((await second.request.get(`/api/v1/workspaces/${ws}`)).status()).toBe(404);
  await second.goto('/');
  await expect(second.getByRole('heading', { name: 'You are in no workspace' })).toBeVisible();
  await accessible(second);
  await context.close();
});
