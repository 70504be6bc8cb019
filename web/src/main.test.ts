// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';

// It mounts into the document and never goes again.
afterEach(() => document.body.replaceChildren());

// main.ts acts when it is imported, so each case imports it afresh.
async function start(html: string) {
  vi.resetModules();
  document.body.innerHTML = html;
  await import('./main');
}
const script = (json: string) => `<div id="app"><h1>Server-drawn</h1></div><script type="application/json" id="boot">${json}</script>`;

test('draws the page the server named, instead of what the server drew', async () => {
  await start(script('{"page":"not_found","me":null}'));
  expect(document.body.textContent).toContain('There is nothing here');
  expect(document.body.textContent).not.toContain('Server-drawn');
});

test.each([
  ['no data', '<div id="app"></div>'],
  ['broken data', script('{"page"')],
  ['a page this build does not have', script('{"page":"hologram"}')],
])('%s: says so and offers a way on', async (_, html) => {
  await start(html);
  expect(document.querySelector('[role=alert]')?.textContent).toContain('This page could not start');
  expect(document.querySelector('a[href="/"]')).not.toBeNull();
});
