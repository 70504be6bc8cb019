import { dirname } from 'node:path';
import type { APIRequestContext, Page } from '@playwright/test';
import { clipOf, emptyClip } from './clips';
import { accessibleEverywhere } from './everywhere';
import { Server } from './server';
import { expect, setUp, test as base, workspace } from './story';

const model = process.env.TIDINGS_TEST_MEANING_MODEL;

/** A server that has the model of search by meaning. */
const test = base.extend<object, { server: Server }>({
  server: [
    async ({ hasSpeech: _ }, use) => {
      const server = await Server.start(model ? ['--models', dirname(model), '--refine', 'none'] : [], false);
      await setUp(server);
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
});

const breakdown = 'WEBVTT\n\n00:02.000 --> 00:09.000\nYesterday the car broke down, so a mechanic had to replace its motor.\n';
const inOtherWords = 'repairing an automobile';

/** Which clips are found, and whether by their words or their meaning. */
async function matches(request: APIRequestContext, q: string): Promise<string[]> {
  const answer = await request.get(`/api/v1/search?workspace=${await workspace(request)}&q=${encodeURIComponent(q)}`);
  const { items } = (await answer.json()) as { items: { match?: string; clip: { id: string } }[] };
  return items.map((i) => `${i.match} ${i.clip.id}`);
}

const results = (page: Page) => page.getByRole('list', { name: 'Results' });

test('other words than those that were said find a clip, by keyboard, and those with the words stand before it', async ({
  signedIn: page,
}, info) => {
  test.skip(!model, 'make sets it, and fetches the files');
  await page.emulateMedia({ reducedMotion: 'reduce' }); // what appears would be looked at half transparent
  const said = await clipOf(page.request, 'Monday');
  await emptyClip(page.request, 'Bread of rye flour');
  const put = await page.request.put(`/api/v1/clips/${said}/transcript`, { headers: { 'Content-Type': 'text/vtt' }, data: breakdown });
  expect(put.status()).toBe(200);
  await expect.poll(() => matches(page.request, inOtherWords), { timeout: 90_000 }).toEqual([`meaning ${said}`]);

  await page.goto('/search');
  await expect(page.getByRole('searchbox', { name: 'Words to look for' })).toBeFocused();
  await page.keyboard.type(inOtherWords);
  const heading = results(page).getByText('Similar in meaning');
  await expect(heading.locator('..')).toHaveText('Similar in meaning No clip has these words; these say it in others.');
  await expect(page.getByText('0 clips, 1 similar in meaning')).toBeVisible();
  await accessibleEverywhere(page, info, 'alone');

  // Down past the title to what was said: P plays it there, Enter opens the clip at its second.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const moment = results(page).locator(`a[data-hit][href="/c/${said}?t=2"]`);
  await expect(moment).toBeFocused();
  await expect(moment).toContainText('the car broke down');
  await page.keyboard.press('p');
  const player = page.getByRole('region', { name: 'Plays here: Monday' });
  await expect(player).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(player).toBeHidden();

  // A clip that has the words comes first, and the heading parts it from the others.
  const written = await emptyClip(page.request, 'Repairing an automobile');
  await expect.poll(() => matches(page.request, inOtherWords), { timeout: 90_000 }).toEqual([`words ${written}`, `meaning ${said}`]);
  await page.reload();
  await expect(results(page).getByRole('heading', { level: 2 })).toHaveText(['Repairing an automobile', 'Monday']);
  await expect(heading.locator('..')).toHaveText('Similar in meaning These say it in other words.');
  await expect(results(page).locator(':scope > li').nth(1).getByText('Similar in meaning')).toBeVisible();
  await accessibleEverywhere(page, info, 'behind');

  await page.getByRole('searchbox', { name: 'Words to look for' }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await expect(moment).toBeFocused();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/c/${said}?t=2`);
});
