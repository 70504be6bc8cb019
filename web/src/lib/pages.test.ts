/// <reference types="node" />
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needsWorkspace, pages } from './pages';

test('every file in src/pages is a page of the table, and the other way round', () => {
  const files = readdirSync('src/pages')
    .filter((name) => name.endsWith('.svelte'))
    .map((name) => name.replace('.svelte', ''));
  expect(
    Object.values(pages)
      .map((page) => page.component)
      .sort(),
  ).toEqual(files.sort());
});

test('addresses are given once', () => {
  const paths = Object.values(pages).flatMap((page) => ('path' in page ? [page.path] : []));
  expect(new Set(paths).size).toBe(paths.length);
});

test('settings can be reached without a workspace, the library cannot', () => {
  expect([needsWorkspace('settings'), needsWorkspace('library')]).toEqual([false, true]);
});
