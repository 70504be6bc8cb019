// @vitest-environment happy-dom

import { render, screen, waitFor } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toasts } from '../ui/toast.svelte';
import ClipCard from './ClipCard.svelte';
import { Clips } from './clips.svelte';
import { exampleClip } from './testing';

const fetch = vi.fn<(r: Request) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal('fetch', fetch.mockReset());
  toasts.list = [];
});
afterEach(() => vi.unstubAllGlobals());

function card(changes = {}) {
  const clip = exampleClip(changes);
  const list = new Clips('W', 'U1');
  list.items = [clip];
  render(ClipCard, { clip, list });
  return list;
}

test('the whole card is one link, with its length in words', () => {
  card({ duration_ms: 75_000 });
  expect(screen.getByRole('link', { name: 'Harbour plan' }).getAttribute('href')).toBe('/c/01K00000000000000000000001');
  expect(screen.getByText('1 minute 15 seconds')).toBeTruthy();
});

test('a failed clip says why and may be tried again', async () => {
  const failed = exampleClip({ state: 'failed', failure: 'There is no sound and no picture in it.' });
  failed.steps.transcode = { state: 'failed', progress: 0, failure: failed.failure };
  fetch.mockResolvedValueOnce(Response.json(exampleClip({ state: 'processing', version: 2 })));
  const list = card(failed);
  expect(screen.getByText('There is no sound and no picture in it.')).toBeTruthy();
  screen.getByText('Try again', { selector: 'button span' }).click();
  await waitFor(() => expect(list.items[0]!.state).toBe('processing'));
  expect(await fetch.mock.calls[0]![0].json()).toEqual({ step: 'transcode' });
});

test('trash is at once, with a way back', async () => {
  fetch.mockResolvedValueOnce(new Response(null, { status: 204 })).mockResolvedValueOnce(Response.json(exampleClip({ version: 3 })));
  const list = card();
  screen.getByText('Move to trash').click();
  await waitFor(() => expect(toasts.list.at(-1)?.action?.label).toBe('Undo'));
  expect(list.items).toHaveLength(0);
  toasts.list.at(-1)!.action!.run();
  await waitFor(() => expect(list.items).toHaveLength(1));
  expect(fetch.mock.calls.map(([r]) => `${r.method} ${new URL(r.url).pathname}`)).toEqual([
    'DELETE /api/v1/clips/01K00000000000000000000001',
    'POST /api/v1/clips/01K00000000000000000000001/restore',
  ]);
});

test('who may not delete is not offered it', () => {
  card({ can: { comment: true, edit: false, share: true, delete: false, download: true } });
  expect(screen.queryByText('Move to trash')).toBeNull();
});

test('in the trash there is only the way back', () => {
  card({ trashed_at: '2026-03-11T12:00:00.000Z', state: 'recording', at_risk: true });
  expect(screen.getByText('Restore')).toBeTruthy();
  expect(screen.queryByText('Copy link')).toBeNull();
  expect(screen.queryByText('Upload is silent')).toBeNull();
});
