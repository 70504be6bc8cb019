// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import { clipOf } from '../clip/testing';
import type { Clip } from '../lib/api/client';
import { transcriptionGivenUp } from './givenUp';
import GivenUpNote from './GivenUpNote.svelte';

const why = 'The speech engine gives answers that cannot be read.';
const stepOf = (state: 'done' | 'failed' | 'running' | 'waiting', failure: string | null) =>
  clipOf({ steps: { ...clipOf().steps, transcribe: { state, progress: 1, failure } } });

afterEach(() => vi.unstubAllGlobals());

test('the page says why a draft was not refined, and tries again once', async () => {
  const started = stepOf('waiting', null);
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (r: Request) => {
    asked.push([r.method, new URL(r.url).pathname, await r.json()]);
    return Response.json(started);
  });
  const shown: Clip[] = [];
  render(GivenUpNote, { clip: stepOf('done', why), editable: true, onclip: (c) => shown.push(c) });
  expect(screen.getByRole('status').textContent).toContain(why);

  screen.getByRole('button', { name: 'Try again' }).click();
  await vi.waitFor(() => expect(shown).toEqual([started]));
  expect(asked).toEqual([['POST', `/api/v1/clips/${started.id}/retry`, { step: 'transcribe' }]]);
});

test('who may not edit reads why, and is offered nothing', () => {
  render(GivenUpNote, { clip: stepOf('done', why), editable: false, onclip: () => undefined });
  expect(screen.getByRole('status').textContent).toContain(why);
  expect(screen.queryByRole('button')).toBeNull();
});

test('only a transcription that was given up is said to be', () => {
  expect([stepOf('done', why), stepOf('failed', why)].map(transcriptionGivenUp)).toEqual([true, true]);
  expect([stepOf('done', null), stepOf('running', null), stepOf('waiting', why)].map(transcriptionGivenUp)).toEqual([false, false, false]);
});
