// @vitest-environment happy-dom

import { render } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClipStore } from '../clip/clip.svelte';
import { clipOf } from '../clip/testing';
import type { Clip } from '../lib/api/client';
import { saveStored } from '../lib/storage';
import { press } from '../ui/testing';
import type { Cue } from './cues';
import { Playback } from './playback.svelte';
import Player from './Player.svelte';

const address = '/api/v1/clips/01JD0000000000000000000000/media/captions.vtt';
const complete = clipOf({ media: { ...clipOf().media, video: '/v.mp4', captions_vtt: address } });
const growing = (version: number): Clip => ({
  ...complete,
  version,
  steps: { ...complete.steps, transcribe: { state: 'running', progress: 0.5, failure: null } },
});
const cuesOf = (text: string): Cue[] => [{ start: 0, end: 9, lines: [text] }];
const file = (text: string) => new Response(`WEBVTT\n\n00:00:00.000 --> 00:00:09.000\n${text}\n`);

let requests: string[];
let server: (r: { signal?: AbortSignal }) => Promise<Response> | Response;
beforeEach(() => {
  localStorage.clear();
  saveStored('captions', true);
  requests = [];
  server = () => file('by the server');
  vi.spyOn(HTMLMediaElement.prototype, 'load').mockReturnValue();
  vi.stubGlobal('fetch', async (url: string, r: RequestInit) => {
    requests.push(url);
    return server(r as { signal?: AbortSignal });
  });
});
afterEach(() => (vi.unstubAllGlobals(), vi.useRealTimers()));

/** A player of a clip that plays, and what it shows. */
function playClip(clip: Clip, cues = cuesOf('by the page'), started = true) {
  const [store, p] = [new ClipStore(clip), new Playback(60_000)];
  p.started = started;
  const view = render(Player, { store, p, cues });
  const shown = () => view.container.querySelector('.caption')?.textContent?.trim();
  return { store, p, view, shown, shows: (text: string) => vi.waitFor(() => expect(shown()).toBe(text)) };
}

it('shows the cues that the server cut, by one request', async () => {
  vi.useFakeTimers();
  const { store, shows } = playClip(complete);
  await shows('by the server');
  store.applyClip({ ...complete, version: 2, title: 'Another title' });
  await press('Captions');
  await press('Captions');
  await vi.runAllTimersAsync();
  await shows('by the server');
  expect(requests).toEqual([`${address}?masked=true`]);
});

it('asks for nothing before it plays, nor while captions are off', async () => {
  vi.useFakeTimers();
  const { p, shown, shows } = playClip(complete, undefined, false);
  await vi.runAllTimersAsync();
  expect([shown(), requests]).toEqual(['by the page', []]);
  await press('Captions');
  p.started = true;
  await vi.runAllTimersAsync();
  expect([shown(), requests]).toEqual([undefined, []]);
  await press('Captions');
  await shows('by the server');
});

it('shows its own while the transcript is written, and the server’s from its end on', async () => {
  vi.useFakeTimers();
  const { store, view, shows } = playClip(growing(1));
  await shows('by the page');
  await view.rerender({ cues: cuesOf('and more') });
  await shows('and more');
  await vi.runAllTimersAsync();
  expect(requests).toEqual([]);
  store.applyClip({ ...complete, version: 2 });
  await view.rerender({ cues: cuesOf('refined') });
  await shows('by the server');
  expect(requests).toHaveLength(1);
  store.applyClip(growing(3)); // a recorder goes on in the clip
  await shows('refined');
});

it('loads them once after corrections that follow each other, and keeps the present ones until then', async () => {
  vi.useFakeTimers();
  const { view, shown, shows } = playClip(complete);
  await shows('by the server');
  let answer = (_: Response): void => undefined;
  server = () => new Promise((resolve) => (answer = resolve));
  for (const text of ['first', 'second', 'third']) {
    await view.rerender({ cues: cuesOf(text) });
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.waitFor(() => expect(requests).toHaveLength(2));
  expect(shown()).toBe('by the server');
  answer(file('corrected'));
  await shows('corrected');
  expect(requests).toHaveLength(2);
});

it('drops an answer that is older than the transcript', async () => {
  const { view, shown, shows } = playClip(complete);
  await shows('by the server');
  const answers: ((r: Response) => void)[] = [];
  server = () => new Promise((resolve) => answers.push(resolve));
  await view.rerender({ cues: cuesOf('first') });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  await view.rerender({ cues: cuesOf('second') });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(file('newer'));
  await shows('newer');
  vi.useFakeTimers();
  answers[0]!(file('older'));
  await vi.runAllTimersAsync();
  expect(shown()).toBe('newer');
});

it.each<[string, () => Promise<Response> | Response]>([
  ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['a refusal', () => new Response('{"code":"not_found"}', { status: 404 })],
  ['another page', () => new Response('<!doctype html>')],
])('shows its own after %s, until the transcript changes', async (_, failure) => {
  const { view, shows } = playClip(complete);
  await shows('by the server');
  server = failure;
  await view.rerender({ cues: cuesOf('corrected, by the page') });
  await shows('corrected, by the page');
  expect(requests).toHaveLength(2); // it does not poll
  server = () => file('corrected');
  await view.rerender({ cues: cuesOf('corrected again') });
  await shows('corrected');
});

it('asks for the captions of the link that it was opened by', async () => {
  const { shows } = playClip({ ...complete, media: { ...complete.media, captions_vtt: `${address}?share=TOKEN` } });
  await shows('by the server');
  expect(requests).toEqual([`${address}?share=TOKEN&masked=true`]);
});

it('asks for nothing where nothing was said', async () => {
  vi.useFakeTimers();
  const { view, shows } = playClip(complete, []);
  await vi.runAllTimersAsync();
  expect(requests).toEqual([]);
  await view.rerender({ cues: cuesOf('by the page') });
  await shows('by the server');
});
