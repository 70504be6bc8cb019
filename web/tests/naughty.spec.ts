import type { BrowserContext } from '@playwright/test';
import { expect, signIn, test, workspace } from './story';

test.use({ alone: 'naughty' }); // its people and channels have names that no other story should meet

interface Made {
  id: string;
}

/** One of each kind of text that has run somewhere: tags, attributes, addresses, templates, ends of what surrounds it. */
const naughty = {
  tag: '<script>alert(1)</script>',
  attribute: '<img src=x onerror=alert(1)>',
  quote: `"'><svg/onload=alert(1)>`,
  entity: '&lt;img src=x onerror=alert(1)&gt;',
  ends: '</title></textarea></script><script>alert(1)</script>',
  template: '{{constructor.constructor("alert(1)")()}} ${alert(1)}',
  address: 'javascript:alert(1)',
};
const all = Object.values(naughty).join(' ');

/** Reports what no page may do: run what somebody wrote, or break its own policy. */
async function guarded(context: BrowserContext): Promise<string[]> {
  const wrong: string[] = [];
  await context.exposeFunction('wrong', (what: string) => void wrong.push(what));
  await context.addInitScript(() => {
    const report = (window as unknown as { wrong: (what: string) => void }).wrong;
    window.alert = () => report('a script ran');
    document.addEventListener('securitypolicyviolation', (e) => report(`${location.pathname}: ${e.violatedDirective} ${e.blockedURI}`));
  });
  return wrong;
}

test('names, titles, descriptions and comments are text on every page', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.base });
  const wrong = await guarded(context);
  const { request } = context;
  await signIn(request);
  const made = async (path: string, data: unknown): Promise<unknown> => {
    const answer = await request.post(path, { data });
    expect(answer.status(), await answer.text()).toBe(201);
    return answer.json();
  };
  const ws = await workspace(request);
  expect((await request.patch('/api/v1/me', { data: { name: naughty.quote } })).status()).toBe(200);
  expect((await request.patch(`/api/v1/workspaces/${ws}`, { data: { name: naughty.tag } })).status()).toBe(200);
  const channel = (await made(`/api/v1/workspaces/${ws}/channels`, { name: naughty.attribute, kind: 'open' })) as Made;
  const title = `zebra ${naughty.attribute} ${naughty.ends}`;
  const clip = (await made('/api/v1/clips', { workspace_id: ws, kind: 'voice', title, channel_id: channel.id, visibility: 'channel' })) as Made;
  expect((await request.patch(`/api/v1/clips/${clip.id}`, { data: { description: all } })).status()).toBe(200);
  await made(`/api/v1/clips/${clip.id}/comments`, { body: `zebra ${all}` });
  const link = (await made(`/api/v1/clips/${clip.id}/links`, { allow_comments: true })) as { token: string };

  // A guest with a name like that, who says so.
  const away = await browser.newContext({ baseURL: server.base });
  expect((await away.request.post(`/api/v1/links/${link.token}/guest`, { data: { name: naughty.attribute } })).status()).toBe(201);
  expect((await away.request.post(`/api/v1/clips/${clip.id}/comments?share=${link.token}`, { data: { body: naughty.tag } })).status()).toBe(201);
  await away.close();
  const find = `/api/v1/search?workspace=${ws}&q=zebra`;
  await expect.poll(async () => ((await (await request.get(find)).json()) as { items: unknown[] }).items.length).toBe(1);

  const page = await context.newPage();
  for (const [path, shows] of [
    [`/c/${clip.id}`, title], [`/s/${link.token}`, title], [`/embed/${link.token}`, ''], ['/library', title], ['/search?q=zebra', naughty.attribute],
    ['/', title], ['/inbox', naughty.attribute], ['/settings', ''],
  ] as const) {
    await page.goto(path);
    await expect(page.locator('#app, body').first()).toContainText(shows, { timeout: 10_000 });
    expect(await page.locator('img[src="x"], [onerror], svg[onload], a[href^="javascript:"]').count(), path).toBe(0);
    expect(await page.locator('script').evaluateAll((all) => all.filter((s) => s.textContent?.trim() === 'alert(1)').length), path).toBe(0);
  }
  const unfurled = await (await request.get(`/oembed?url=${encodeURIComponent(`${server.base}/s/${link.token}`)}`)).json() as { html: string };
  await page.goto('/settings'); // what an embedding page does with the answer
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), unfurled.html.replace(/ src="[^"]*"/, ''));
  expect(await page.locator('img[src="x"], [onerror], svg[onload]').count()).toBe(0);
  expect(wrong).toEqual([]);
  await context.close();
});
