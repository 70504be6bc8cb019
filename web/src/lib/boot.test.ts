// @vitest-environment happy-dom

import { expect, test } from 'vitest';
import { readBoot } from './boot';

function page(script: string): Document {
  const d = document.implementation.createHTMLDocument();
  d.body.innerHTML = script;
  return d;
}

test('the data the server put into the page', () => {
  const boot = readBoot(page('<script type="application/json" id="boot">{"page":"home","version":"1","embed":false}</script>'));
  expect(boot).toMatchObject({ page: 'home', version: '1', me: null, share: null });
});

test.each([
  ['no script', ''],
  ['an empty one', '<script id="boot"></script>'],
  ['no JSON', '<script id="boot">{"page":</script>'],
])('%s is null, not a crash', (_, html) => {
  expect(readBoot(page(html))).toBeNull();
});
