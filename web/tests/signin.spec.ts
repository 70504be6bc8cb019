import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test';
import { accessible, expect, owner, signIn, test } from './story';

/** The server by a name: passkeys know none of addresses that are numbers. */
test.use({ baseURL: async ({ server }, use) => use(server.base.replace('127.0.0.1', 'localhost')) });

/** A device with a fingerprint reader, which always says yes. (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/) */
async function authenticator(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return cdp;
}

/** Another browser, signed in by the password. */
async function elsewhere(browser: Browser, baseURL: string, password = owner.password): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({ baseURL });
  await context.request.post('/api/v1/session', { data: { email: owner.email, password } });
  return [context, await context.newPage()];
}

test('a passkey is added, signs in, is renamed and removed', async ({ signedIn: page }) => {
  await authenticator(page);
  await page.goto('/settings/security');
  await expect(page.getByText('You have no passkeys.')).toBeVisible();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Harbour laptop');
  await accessible(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('button', { name: 'Remove Harbour laptop' })).toBeVisible();

  // The same device again: the browser says that it has one.
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert')).toContainText('on this device already');
  await page.getByRole('button', { name: 'Cancel' }).click();

  // Among the suggestions of the address field: this device chooses by itself.
  await page.request.delete('/api/v1/session');
  await page.goto('/login?next=/record');
  await page.waitForURL((url) => url.pathname === '/record');

  // By the button, in a browser that suggests nothing.
  await page.addInitScript(() => (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
  await page.request.delete('/api/v1/session');
  await page.goto('/library');
  await page.waitForURL('**/login**');
  await accessible(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL('**/library');

  await page.goto('/settings/security');
  await expect(page.getByRole('list', { name: 'Sessions' })).toContainText('by passkey');
  await page.getByRole('button', { name: 'Rename Harbour laptop' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Boat');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('button', { name: 'Remove Boat' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('You have no passkeys.')).toBeVisible();
});

test('a session is ended from another browser, at once', async ({ signedIn: page, browser, baseURL }) => {
  const [context, other] = await elsewhere(browser, baseURL!);
  await other.goto('/library');
  await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
  await page.goto('/settings/security');
  await page.getByRole('button', { name: 'Sign out Chrome on Linux' }).first().click();
  await expect(page.getByText('Signed out there')).toBeVisible();
  expect((await context.request.get('/api/v1/me')).status()).toBe(401);
  await other.reload();
  await other.waitForURL('**/login**');
  await context.close();
});

test('the password is changed, which signs out everywhere else; the audit log knows', async ({ signedIn: page, browser, baseURL }) => {
  const [context] = await elsewhere(browser, baseURL!);
  await page.goto('/settings/security');
  await page.getByLabel('Current password').fill('wrong horse');
  await page.getByLabel('New password').fill('a better horse');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  await accessible(page);
  await page.getByLabel('Current password').fill(owner.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText(/Password changed/)).toBeVisible();
  expect((await context.request.get('/api/v1/me')).status()).toBe(401);
  await context.close();
  const [again] = await elsewhere(browser, baseURL!, 'a better horse');
  expect((await again.request.get('/api/v1/me')).status()).toBe(200);
  await again.close();

  await page.goto('/settings/audit');
  const log = page.getByRole('list', { name: /Audit log/ });
  await expect(log).toContainText('changed their password');
  await page.getByLabel('What').selectOption('password.changed');
  await expect(log.getByRole('listitem')).toHaveCount(1);
  await page.request.put('/api/v1/password', { data: { current_password: 'a better horse', new_password: owner.password } });
  await signIn(page.request);
});

test('where passkeys cannot work, the page says why', async ({ signedIn: page, server }) => {
  await page.request.post(`${server.base}/api/v1/session`, { data: { email: owner.email, password: owner.password } });
  await page.goto(`${server.base}/settings/security`);
  await expect(page.getByText(/need a host name/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
});
