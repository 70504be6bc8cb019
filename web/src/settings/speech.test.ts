// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Model } from '../lib/api/client';
import { describeComingFiles, languages, megabytes, SpeechModels } from './speech.svelte';

const model = (over: Partial<Model>): Model => ({
  name: 'base-q8_0',
  engine: 'whisper',
  note: '',
  licence: 'MIT',
  languages: [],
  bytes: 100,
  used: true,
  automatic: false,
  installed: false,
  pulling: false,
  done_bytes: 0,
  failure: null,
  ...over,
});

let models: Model[];
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  models = [model({}), model({ name: 'tiny', used: false })];
  asked = [];
  vi.stubGlobal('fetch', (request: Request) => {
    const path = new URL(request.url, 'http://x').pathname.replace('/api/v1', '');
    asked.push(`${request.method} ${path}`);
    if (request.method !== 'GET') return Promise.resolve(new Response(null, { status: request.method === 'POST' ? 202 : 204 }));
    return Promise.resolve(Response.json({ items: path === '/models' ? models : [] }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('what the settings name stands first, the rest is a choice', async () => {
  const speech = new SpeechModels();
  await speech.load();
  expect(speech.shown.map((m) => m.name)).toEqual(['base-q8_0']);
  expect(speech.others.map((m) => m.name)).toEqual(['tiny']);
});

test('a download is looked at each second until it ends', async () => {
  const speech = new SpeechModels();
  await speech.load();
  models = [model({ pulling: true, done_bytes: 40 })];
  expect(await speech.pull(models[0]!)).toBeNull();
  expect(speech.models[0]?.done_bytes).toBe(40);
  expect(asked).toContain('POST /models/base-q8_0/pull');
  models = [model({ installed: true })];
  await vi.advanceTimersByTimeAsync(1000);
  expect(speech.models[0]?.installed).toBe(true);
  const n = asked.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(n);
});

test('a page that is left looks no more', async () => {
  models = [model({ pulling: true })];
  const speech = new SpeechModels();
  await speech.load();
  speech.close();
  const n = asked.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(n);
});

test('sizes and languages in words', () => {
  expect(megabytes(81_768_585)).toBe('82 MB');
  expect(megabytes(2_327_524)).toBe('2.3 MB');
  expect(languages(['en'], 'any')).toBe('English');
  expect(languages([], 'any')).toBe('any');
});

test('files that the server fetches by itself are one line, until they are here', () => {
  const library = model({ name: 'whisper-library', automatic: true, bytes: 4_673_602, installed: true });
  const weights = { name: 'base-q8_0', automatic: true, bytes: 133_343_666, done_bytes: 43_200_000 };
  expect(describeComingFiles([library, model({ ...weights, pulling: true })])).toEqual({
    text: 'Better transcripts are on their way: 43 of 133 MB',
    failed: null,
  });
  expect(describeComingFiles([library, model({ ...weights, installed: true }), model({ name: 'tiny' })])).toBeNull();
});

test('a failure says why, and which file to try again', () => {
  const weights = model({ automatic: true, failure: 'The network is down.' });
  expect(describeComingFiles([weights])).toEqual({
    text: 'Better transcripts have to wait: The network is down. The server tries again by itself.',
    failed: weights,
  });
  expect(describeComingFiles([{ ...weights, pulling: true }])?.failed).toBeNull();
});

test('while the server pauses, the page looks now and then', async () => {
  models = [model({ automatic: true, failure: 'The network is down.' })];
  const speech = new SpeechModels();
  await speech.load();
  models = [model({ automatic: true, installed: true })];
  await vi.advanceTimersByTimeAsync(10_000);
  expect(speech.comingFiles).toBeNull();
  const n = asked.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toHaveLength(n);
});
