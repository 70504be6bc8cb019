import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { transcript } from './steps';
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

/** Reports what no page may do: run user input, or break its own policy. */
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
  const clip = (await made('/api/v1/clips', {
    workspace_id: ws,
    kind: 'voice',
    title,
    channel_id: channel.id,
    visibility: 'channel',
  })) as Made;
  expect((await request.patch(`/api/v1/clips/${clip.id}`, { data: { description: all } })).status()).toBe(200);
  await made(`/api/v1/clips/${clip.id}/comments`, { body: `zebra ${all}` });
  const link = (await made(`/api/v1/clips/${clip.id}/links`, { allow_comments: true })) as { token: string };

  // A guest with a name like that, who says so.
  const away = await browser.newContext({ baseURL: server.base });
  expect((await away.request.post(`/api/v1/links/${link.token}/guest`, { data: { name: naughty.attribute } })).status()).toBe(201);
  expect((await away.request.post(`/api/v1/clips/${clip.id}/comments?share=${link.token}`, { data: { body: naughty.tag } })).status()).toBe(
    201,
  );
  await away.close();
  const find = `/api/v1/search?workspace=${ws}&q=zebra`;
  await expect.poll(async () => ((await (await request.get(find)).json()) as { items: unknown[] }).items.length).toBe(1);

  const page = await context.newPage();
  for (const [path, shows] of [
    [`/c/${clip.id}`, title],
    [`/s/${link.token}`, title],
    [`/embed/${link.token}`, ''],
    ['/library', title],
    ['/search?q=zebra', naughty.attribute],
    ['/', title],
    ['/inbox', naughty.attribute],
    ['/settings', ''],
    ['/settings/people', naughty.quote],
    ['/settings/workspace', ''],
  ] as const) {
    await page.goto(path);
    await expect(page.locator('#app, body').first()).toContainText(shows);
    expect(await page.locator('img[src="x"], [onerror], svg[onload], a[href^="javascript:"]').count(), path).toBe(0);
    expect(await page.locator('script').evaluateAll((all) => all.filter((s) => s.textContent?.trim() === 'alert(1)').length), path).toBe(0);
  }
  const unfurled = (await (await request.get(`/oembed?url=${encodeURIComponent(`${server.base}/s/${link.token}`)}`)).json()) as {
    html: string;
  };
  await page.goto('/settings'); // what an embedding page does with the answer
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), unfurled.html.replace(/ src="[^"]*"/, ''));
  expect(await page.locator('img[src="x"], [onerror], svg[onload]').count()).toBe(0);
  expect(wrong).toEqual([]);
  await context.close();
});

const bigList = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../third_party/naughty/blns.json', import.meta.url)), 'utf8'),
) as string[];
/** What the server keeps of the list: neither blank nor with control characters. api/naughty_test.go tells which it refuses. */
const kept = bigList.filter((s) => s.trim() && !/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(s));

/** The strings joined to as few texts of so many characters as hold them. */
function packed(most: number, between = ' ¦ '): string[] {
  const out: string[] = [];
  for (const s of kept) {
    const last = out.at(-1);
    if (last !== undefined && [...last].length + [...s].length + between.length <= most) out[out.length - 1] = `${last}${between}${s}`;
    else out.push([...s].slice(0, most).join(''));
  }
  return out.map((s) => s.trim());
}

/** Nothing on the page came from a text: no tag, no handler, no address that runs. */
async function clean(page: Page): Promise<void> {
  const odd = await page.evaluate(() => {
    const tags =
      'script:not([src]):not([type="application/json"]), iframe, object, embed, marquee, math, style:not([id]), link[href*="alert"], base, form[action*="alert"], img[src="x"], img:not([src^="/"]):not([src^="blob:"]):not([src^="data:"])';
    const found = [...document.querySelectorAll('main *, [role="main"] *')].flatMap((e) =>
      [...e.attributes]
        .filter(
          (a) =>
            /^on/i.test(a.name) ||
            (/^(href|src|action|formaction|xlink:href)$/i.test(a.name) && /^\s*(javascript|data|vbscript):/i.test(a.value)),
        )
        .map((a) => `${e.tagName} ${a.name}=${a.value}`),
    );
    return [...found, ...[...document.querySelectorAll(`main :is(${tags})`)].map((e) => e.outerHTML.slice(0, 100))];
  });
  expect(odd, page.url()).toEqual([]);
}

test('the whole big list of naughty strings is text', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.base });
  const wrong = await guarded(context);
  const { request } = context;
  await signIn(request);
  const ws = await workspace(request);
  const clip = async (data: object): Promise<string> => {
    const answer = await request.post('/api/v1/clips', { data: { workspace_id: ws, kind: 'voice', ...data } });
    expect(answer.status(), await answer.text()).toBe(201);
    return ((await answer.json()) as Made).id;
  };
  const titles = packed(200);
  const made = new Map<string, string>();
  for (const title of titles) {
    const link = await request.post(`/api/v1/clips/${await clip({ title })}/links`, { data: {} });
    made.set(((await link.json()) as { token: string }).token, title);
  }
  const thread = await clip({ title: 'The big list' });
  const remarks = packed(300, '\n\n');
  for (const body of remarks) expect((await request.post(`/api/v1/clips/${thread}/comments`, { data: { body } })).status(), body).toBe(201);
  const escaped = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').split(/\s+/).join(' ').trim();
  const stamp = (s: number) => new Date(s * 1000).toISOString().slice(11, 23);
  const cues = packed(200).map((s, i) => `${stamp(i)} --> ${stamp(i + 1)}\n${escaped(s)}\n`);
  const imported = await request.put(`/api/v1/clips/${thread}/transcript`, {
    headers: { 'content-type': 'text/vtt' },
    data: `WEBVTT\n\n${cues.join('\n')}`,
  });
  expect(imported.status(), await imported.text()).toBe(200);
  const segments = ((await imported.json()) as { segments: { text: string }[] }).segments.map((s) => s.text);
  const glossary = kept
    .filter((s) => [...s].length <= 100 && s.trim().split(/\s+/).length <= 8)
    .map((s) => s.trim().split(/\s+/).join(' '));
  const put = await request.put(`/api/v1/workspaces/${ws}/glossary`, {
    data: { entries: [...new Set(glossary)].slice(0, 480).map((term) => ({ term, sounds_like: [] })) },
  });
  expect(put.status(), await put.text()).toBe(200);
  for (const text of packed(80).slice(0, 40))
    // what is no name of a channel is refused
    expect([201, 400]).toContain(
      (await request.post(`/api/v1/workspaces/${ws}/channels`, { data: { name: text, kind: 'open' } })).status(),
    );

  const page = await context.newPage();
  await page.goto(`/c/${thread}`);
  const comments = page.getByRole('region', { name: 'Comments' });
  await expect(comments.locator('article')).toHaveCount(remarks.length);
  const said = await comments
    .locator('article .text')
    .evaluateAll((all) =>
      all.map((e) => ({ text: e.textContent ?? '', tags: [...new Set([...e.querySelectorAll('*')].map((t) => t.tagName))] })),
    );
  expect(
    said
      .flatMap((s) => s.tags)
      .filter(
        (t) => !['P', 'BR', 'STRONG', 'EM', 'CODE', 'PRE', 'A', 'SPAN', 'BDI', 'BUTTON', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'DIV'].includes(t),
      ),
  ).toEqual([]);
  const letters = (s: string) => s.replaceAll(/[\s*_`]/gu, ''); // marks are drawn, not shown
  expect(said.map((s) => letters(s.text))).toEqual(remarks.map(letters));
  await clean(page);
  const heard = (await transcript(page)).locator('[data-segment]');
  await expect(heard).toHaveCount(segments.length);
  const lines = await heard.evaluateAll((all) => all.map((e) => [...e.querySelectorAll('[data-i]')].map((w) => w.textContent).join(' ')));
  expect(lines).toEqual(segments);

  await page.goto('/library');
  await expect(page.locator('main')).toContainText(titles.at(-1)!);
  const shown = (await page.locator('main').textContent()) ?? ''; // the newest: every title is in a head below
  expect(titles.slice(-20).filter((title) => !shown.includes(title))).toEqual([]);
  await clean(page);
  for (const path of ['/', '/search?q=alert', '/settings']) {
    await page.goto(path);
    await expect(page.locator('main')).toBeVisible();
    await clean(page);
  }
  // What another program reads of each page's head, parsed by the browser.
  const heads = await page.evaluate(
    async (tokens) => {
      const out: { token: string; title: string; og: string; running: number }[] = [];
      for (const token of tokens) {
        const doc = new DOMParser().parseFromString(await (await fetch(`/s/${token}`)).text(), 'text/html');
        const running = doc.querySelectorAll('script:not([src]):not([type="application/json"]), [onerror], [onload], [onmouseover]').length;
        out.push({
          token,
          title: doc.querySelector('title')?.textContent ?? '',
          og: doc.querySelector('meta[property="og:title"]')?.getAttribute('content') ?? '',
          running,
        });
      }
      return out;
    },
    [...made.keys()],
  );
  for (const { token, title, og, running } of heads) {
    expect(running, title).toBe(0);
    expect(og).toBe(made.get(token));
    expect(title.startsWith(made.get(token)!), title).toBe(true);
  }
  expect(wrong).toEqual([]);
  await context.close();
});
