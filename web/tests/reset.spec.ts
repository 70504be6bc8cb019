import type { BrowserContext, Locator, Page } from '@playwright/test';
import { accessible, expect, signIn, test, workspace } from './story';

test.use({ alone: 'reset' });

const ben = { name: 'Ben Okafor', email: 'ben@example.org', password: 'a lantern on the pier' };
const changed = 'the tide comes in at noon';
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** The page is as it should be by day on a desk and in the dark on a phone. */
async function wellDrawn(page: Page): Promise<void> {
  for (const [colorScheme, size] of [['dark', phone] as const, ['light', desk] as const]) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished))); // colours change by transitions
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  }
}

/** Goes to the element by the Tab key. */
async function tabTo(page: Page, to: Locator): Promise<void> {
  await expect(to).toBeVisible();
  for (let presses = 0; presses < 30; presses++) {
    if (await to.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(to).toBeFocused();
}

async function pressByKeyboard(page: Page, name: string): Promise<void> {
  await tabTo(page, page.getByRole('button', { name, exact: true }));
  await page.keyboard.press('Enter');
}

/** Makes Ben a member, and signs his browser in. */
async function addMember(owner: Page, member: BrowserContext): Promise<void> {
  const path = `/api/v1/workspaces/${await workspace(owner.request)}/invites`;
  const { url } = (await (await owner.request.post(path, { data: { role: 'member' } })).json()) as { url: string };
  const joined = await member.request.post(`/api/v1/invites/${url.split('/invite/')[1]}/accept`, { data: ben });
  expect(joined.ok()).toBe(true);
  await signIn(member.request, ben);
}

/** An owner makes a link for Ben, by keyboard; answers its address. */
async function makeLink(page: Page, look: () => Promise<void>): Promise<string> {
  await pressByKeyboard(page, `Password link for ${ben.name}`);
  await expect(page.getByRole('dialog', { name: `Make a password link for ${ben.name}?` })).toBeVisible();
  await look();
  await pressByKeyboard(page, 'Make the link');
  const link = page.getByRole('textbox', { name: 'Password link' });
  await expect(link).toHaveValue(/\/reset\//);
  await look();
  await pressByKeyboard(page, 'Copy');
  const url = await link.inputValue();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(url);
  await pressByKeyboard(page, 'Done');
  await expect(page.getByRole('button', { name: `Password link for ${ben.name}` })).toBeFocused();
  return url;
}

/** From the sign-in page to who can help: this server sends no mail. */
async function askWhoCanHelp(page: Page): Promise<void> {
  await page.goto('/login');
  await wellDrawn(page);
  await tabTo(page, page.getByRole('link', { name: 'Forgot your password?' }));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/forgot');
  await expect(page.getByText('Ask an owner or admin of your workspace')).toBeVisible();
  await expect(page.getByRole('textbox')).toHaveCount(0);
  await wellDrawn(page);
}

/** A link that is over opens no form, and leads to where another one is had. */
async function opensNothing(page: Page, link: string, heading: string): Promise<void> {
  expect((await page.goto(link))?.status()).toBe(410);
  await expect(page.getByRole('heading', { name: heading })).toBeVisible();
  await expect(page.getByLabel('New password')).toHaveCount(0);
  await wellDrawn(page);
}

test('an owner hands out a link, and a forgotten password is set by it', async ({ signedIn: page, browser, server }) => {
  const context = await browser.newContext({ baseURL: server.base }); // where Ben is signed in
  await addMember(page, context);
  await page.goto('/settings/people');
  const replaced = await makeLink(page, () => wellDrawn(page));
  const link = await makeLink(page, async () => {});

  const elsewhere = await browser.newContext({ baseURL: server.base });
  const member = await elsewhere.newPage();
  await askWhoCanHelp(member);
  await opensNothing(member, replaced, 'This link has expired');

  // Too short, then right.
  await member.goto(link);
  await expect(member.getByText(`For ${ben.email}.`)).toBeVisible();
  const password = member.getByLabel('New password');
  await tabTo(member, password);
  await member.keyboard.type('short');
  await member.keyboard.press('Enter');
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toBeFocused();
  await wellDrawn(member);
  await password.press('Control+a');
  await member.keyboard.type(changed);
  await member.keyboard.press('Enter');
  await expect(member.getByRole('heading', { name: 'Your new password is set' })).toBeFocused();
  await wellDrawn(member);

  // The old session is signed out, the old password and the link are refused.
  const old = await context.newPage();
  await old.goto('/library');
  await old.waitForURL('**/login**');
  await opensNothing(old, link, 'This link works no more');
  expect((await old.request.post('/api/v1/session', { data: { email: ben.email, password: ben.password } })).status()).toBe(401);

  await tabTo(member, member.getByRole('link', { name: 'Sign in' }));
  await member.keyboard.press('Enter');
  await expect(member.getByLabel('Email')).toBeFocused();
  await member.keyboard.type(ben.email);
  await tabTo(member, member.getByLabel('Password', { exact: true }));
  await member.keyboard.type(changed);
  await member.keyboard.press('Enter');
  await member.waitForURL((url) => url.pathname === '/');
  await context.close();
  await elsewhere.close();
});
