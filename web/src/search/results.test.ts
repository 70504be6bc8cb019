// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';
import { readAddress } from './address';
import { Results } from './results.svelte';

const item = (id: string) => ({ clip: { id }, score_order: 1, match: 'words', moments: [] });
const page = (ids: string[], next: string | null = null) =>
  new Response(JSON.stringify({ items: ids.map(item), next_cursor: next, engine: 'embedded', took_ms: 3 }), {
    headers: { 'Content-Type': 'application/json' },
  });
const query = (search: string) => readAddress(search);

afterEach(() => vi.unstubAllGlobals());

test('finds, and goes on where the page ended', async () => {
  const fetch = vi
    .fn<(r: Request) => Promise<Response>>()
    .mockResolvedValueOnce(page(['A', 'B'], 'next'))
    .mockResolvedValueOnce(page(['B', 'C']));
  vi.stubGlobal('fetch', fetch);
  const results = new Results('W');
  await results.search(query('?q=tide&sort=newest'));
  expect(new URL(fetch.mock.calls[0]![0].url).search).toBe('?workspace=W&q=tide&sort=newest&limit=20');
  expect(results.state).toBe('ready');
  await results.loadMore();
  expect(new URL(fetch.mock.calls[1]![0].url).searchParams.get('cursor')).toBe('next');
  expect(results.items.map((i) => i.clip.id)).toEqual(['A', 'B', 'C']);
  expect(results.cursor).toBeNull();
});

test('the answer to an older question is dropped', async () => {
  let first = (_: Response) => {};
  vi.stubGlobal(
    'fetch',
    vi
      .fn<() => Promise<Response>>()
      .mockImplementationOnce(() => new Promise((resolve) => (first = resolve)))
      .mockResolvedValueOnce(page(['new'])),
  );
  const results = new Results('W');
  const older = results.search(query('?q=ti'));
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledOnce());
  await results.search(query('?q=tide'));
  first(page(['old']));
  await older;
  expect(results.items.map((i) => i.clip.id)).toEqual(['new']);
});

test('a failure is said, and an empty question asks nothing', async () => {
  const fetch = vi.fn().mockRejectedValue(new TypeError('Failed to fetch'));
  vi.stubGlobal('fetch', fetch);
  const results = new Results('W');
  await results.search(query('?q=tide'));
  expect(results).toMatchObject({ state: 'failed', error: { code: 'unreachable' } });
  await results.search(query('?q='));
  expect(results.state).toBe('idle');
  expect(fetch).toHaveBeenCalledOnce();
});
