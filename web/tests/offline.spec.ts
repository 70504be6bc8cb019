import { soundSeconds } from './decode';
import { downloadOriginal } from './faults';
import { expect, test } from './story';
import { player, recorded, type ModeName } from './steps';

// Not granted: neither microphone nor audio graph is opened with the page.
test.use({ hasSpeech: false, permissions: [] });

for (const mode of ['Voice', 'Screen and camera'] satisfies ModeName[]) {
  test(`${mode}: the network goes before Record is clicked, and comes back after Stop`, async ({ signedIn: page, context }) => {
    const loaded = page.waitForResponse(/recent\.worklet/);
    await page.goto('/record');
    await (await loaded).finished();
    await page.getByRole('radio', { name: mode, exact: true }).check({ force: true });
    await context.setOffline(true);
    await page.getByRole('button', { name: /^Record / }).click();
    await page.getByRole('button', { name: 'Start now' }).click();
    await recorded(page, 4);
    await expect(page.getByText('Kept on this computer')).toBeVisible();
    await expect.poll(() => page.getByRole('meter').getAttribute('aria-valuenow')).not.toBe('0');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Waiting to send the rest' })).toBeVisible();
    await context.setOffline(false);
    await page.waitForURL(/\/c\/[0-9A-Z]{26}/);
    await expect(player(page)).toBeVisible();
    expect(soundSeconds(await downloadOriginal(page, page.url().split('/').at(-1)!))).toBeGreaterThan(3.5);
  });
}
