import type { BrowserContext, Page } from '@playwright/test';
import { clipOf, emptyClip } from './clips';
import { commentBox as box, thread } from './steps';
import { accessible, expect, signIn, test } from './story';

/** Reports what a page must never do: run user input, or break its own policy. */
async function guarded(context: BrowserContext): Promise<string[]> {
  const wrong: string[] = [];
  await context.exposeFunction('wrong', (what: string) => void wrong.push(what));
  await context.addInitScript(() => {
    const report = (window as unknown as { wrong: (what: string) => void }).wrong;
    window.alert = () => report('a script ran');
    document.addEventListener('securitypolicyviolation', (e) => report(`${e.violatedDirective} ${e.blockedURI}`));
  });
  return wrong;
}

test('a thread: mention, range, reaction, edit, resolve, seen elsewhere at once', async ({ signedIn: page, browser, server }) => {
  const clip = await clipOf(page.request, 'Release plan');
  const other = await browser.newContext({ baseURL: server.base });
  await signIn(other.request);
  const colleague = await other.newPage();
  await colleague.goto(`/c/${clip}`);
  await expect(box(colleague)).toBeVisible();

  // Typing @ opens the list; keys choose from it; the second becomes a stretch.
  await page.goto(`/c/${clip}?t=3`);
  await box(page).fill('Could ');
  await box(page).press('End');
  await box(page).pressSequentially('@ana');
  const people = page.getByRole('listbox', { name: 'People to mention' });
  await expect(people.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await accessible(page);
  await box(page).press('Enter');
  await expect(people).toBeHidden();
  await expect(box(page)).toHaveValue('Could @Ana Lovelace ');
  await box(page).pressSequentially('look at this?');
  await page.getByRole('button', { name: 'Comment on a stretch: set its end' }).click();
  await expect(page.getByText('0:03 – 0:08')).toBeVisible();
  await page.reload(); // a draft survives it
  await expect(box(page)).toHaveValue('Could @Ana Lovelace look at this?');
  await expect(page.getByText('0:03 – 0:08')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();

  const mine = thread(page, 'look at this?');
  const theirs = thread(colleague, 'look at this?');
  await expect(theirs.locator('.mention')).toHaveText('@Ana Lovelace');
  await expect(theirs.getByRole('button', { name: 'Go to 0:03' })).toHaveText('0:03–0:08');

  // A reaction to the comment, one to the second, an answer.
  await theirs.hover();
  await theirs.getByRole('button', { name: /^React to/ }).click();
  await accessible(colleague);
  await colleague.getByRole('button', { name: 'celebration' }).last().click();
  await expect(mine.getByRole('button', { name: /^celebration, 1/ })).toBeVisible();
  await colleague.getByRole('button', { name: /^thumbs up at/ }).click();
  await expect(page.getByRole('button', { name: /^thumbs up at .* 1 in all/ })).toBeVisible();
  await theirs.getByRole('button', { name: /^Reply to/ }).click();
  await colleague.getByRole('textbox', { name: /^Reply to/ }).fill('Looks right.');
  await colleague.getByRole('button', { name: 'Reply', exact: true }).last().click();
  await expect(thread(page, 'Looks right.')).toBeVisible();

  // Two edits of one comment: the later one is shown what the first one wrote, and keeps its own words.
  const edit = async (at: Page) => {
    const c = thread(at, /look at|have a look/);
    await c.hover();
    await c.getByRole('button', { name: 'More for this comment' }).click();
    await at.getByRole('menuitem', { name: 'Edit' }).click();
  };
  await edit(page);
  await edit(colleague);
  await colleague.getByRole('textbox', { name: 'Edit your comment' }).fill('Could you have a look?');
  await colleague.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(thread(colleague, 'have a look')).toContainText('edited');
  await page.getByRole('textbox', { name: 'Edit your comment' }).fill('Could somebody look at this?');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('This was changed elsewhere while you wrote.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Edit your comment' })).toHaveValue('Could somebody look at this?');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(thread(colleague, 'somebody look at this')).toBeVisible();

  // Resolved here, gone from the open ones there; reopened, back.
  const settled = thread(page, 'somebody look');
  await settled.hover();
  await settled.getByRole('button', { name: 'Resolve this thread' }).click();
  await expect(thread(colleague, 'somebody look')).toBeHidden();
  await colleague.getByRole('button', { name: /^Resolved/ }).click();
  await expect(thread(colleague, 'somebody look')).toContainText('Resolved by Ana Lovelace');
  await accessible(colleague);
  await colleague.getByRole('button', { name: 'Reopen' }).click();
  await expect(thread(page, 'somebody look')).toBeVisible();
  await other.close();
});

test('a guest by a link says a name, comments, and is hidden by the author', async ({ signedIn: page, browser, server }) => {
  const clip = await emptyClip(page.request, 'For guests');
  const link = (await (await page.request.post(`/api/v1/clips/${clip}/links`, { data: { allow_comments: true } })).json()) as {
    url: string;
  };
  const away = await browser.newContext({ baseURL: server.base });
  const guest = await away.newPage();
  await guest.goto(link.url);
  await guest.getByLabel('Comment as a guest').fill('Mia');
  await accessible(guest);
  await guest.getByRole('button', { name: 'Continue' }).click();
  await box(guest).fill('Thank you!');
  await guest.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(guest, 'Thank you!')).toContainText('guest');

  await page.goto(`/c/${clip}`);
  const seen = thread(page, 'Thank you!');
  await expect(seen).toContainText('Mia');
  await seen.hover();
  await seen.getByRole('button', { name: 'More for this comment' }).click();
  await page.getByRole('menuitem', { name: 'Hide from others' }).click();
  await expect(seen).toContainText('hidden');
  await expect(guest.getByText('This comment was hidden.')).toBeVisible();
  await expect(guest.getByText('Thank you!')).toBeHidden();
  await guest.reload();
  await expect(box(guest)).toBeVisible(); // still Mia
  await away.close();
});

test('whatever people write is text', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.base });
  const wrong = await guarded(context);
  await signIn(context.request);
  const clip = await emptyClip(context.request, '<img src=x onerror=alert(1)>');
  const texts = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '**<b onclick=alert(1)>**',
    '`<iframe src=javascript:alert(1)>`',
    'javascript:alert(1)',
    '@[<img src=x onerror=alert(1)>](01ARZ3NDEKTSV4RRFFQ69G5FAV)',
    'https://a.example/"onmouseover="alert(1)',
    '\u202Eright to left',
    `Z${'\u0301'.repeat(60)}algo`,
    '👩‍👩‍👧‍👦🇦🇹',
    'مرحبا world',
    '{{constructor.constructor("alert(1)")()}}',
    'x'.repeat(10_000),
  ];
  for (const body of texts) expect((await context.request.post(`/api/v1/clips/${clip}/comments`, { data: { body } })).status()).toBe(201);
  const page = await context.newPage();
  await page.goto(`/c/${clip}`);
  const comments = page.getByRole('region', { name: 'Comments' });
  await expect(comments.locator('article')).toHaveCount(texts.length);
  for (const [i, text] of texts.entries()) {
    const shown = text.replaceAll(/\*\*|`/g, '').replace(/@\[(.*)\]\(\w+\)/, '@$1');
    await expect(comments.locator('article').nth(i).locator('.text')).toHaveText(shown, { useInnerText: false });
  }
  expect(await comments.locator('script, img, iframe, svg[onload], .mention').count()).toBe(0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(wrong).toEqual([]);
  await context.close();
});
