// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';
import { LinkDraft } from '../share/linkDraft.svelte';
import { api } from './api/client';
import { forgetServerTime, learnServerTime, serverNow } from './serverClock';

afterEach(() => {
  forgetServerTime();
  vi.unstubAllGlobals();
});

const answer = (at: number, headers = {}) =>
  new Response('{}', { headers: { date: new Date(at).toUTCString(), 'content-type': 'application/json', ...headers } });

test.each([-2, 2])('a clock %d hours off changes neither the present nor when a link ends', async (hours) => {
  const server = Date.now() - hours * 3_600_000;
  vi.stubGlobal('fetch', async () => answer(server));
  await api.GET('/me');
  expect(Math.abs(serverNow() - server)).toBeLessThan(60_000);
  const draft = new LinkDraft();
  draft.ends = 'hour';
  expect(draft.request).toMatchObject({ expires_in_ms: 3_600_000 });
  expect(draft.request).not.toHaveProperty('expires_at');
});

test('the time of an answer from a cache is not believed, nor a missing one', () => {
  learnServerTime(answer(0, { age: '60' }));
  learnServerTime(new Response(''));
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(1000);
});

test('the time does not jump within the precision of the header', () => {
  const at = Date.parse('2026-11-30T01:50:00Z');
  learnServerTime(answer(at));
  const before = serverNow();
  learnServerTime(answer(at + 1000));
  expect(serverNow() - before).toBeLessThan(500);
});
