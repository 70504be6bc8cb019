// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Segment, Transcript } from '../lib/api/client';
import { upsertSegment, segmentAt, TranscriptStore } from './transcript.svelte';

const clip = '01JD0000000000000000000000';
const seg = (id: string, start_ms: number, text = id): Segment => ({
  id,
  start_ms,
  end_ms: start_ms + 900,
  text,
  speaker: null,
  language: null,
  version: 1,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
  words: [],
});
const transcript = (segments: Segment[], fields: Partial<Transcript> = {}): Transcript => ({
  state: 'running',
  draft: true,
  language: 'en',
  engine: 'vosk',
  model: 'small',
  segments,
  edited_at: null,
  silences: [],
  fillers: [],
  refinement: null,
  ...fields,
});
const event = (s: Segment) => ({ type: 'transcript.segment' as const, workspace_id: '', clip_id: clip, subject_id: s.id, segment: s });
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const texts = (t: TranscriptStore) => t.segments.map((s) => s.text);

let server: (r: Request) => Promise<Response> | Response;
let asked = 0;
beforeEach(() => {
  asked = 0;
  vi.stubGlobal('fetch', async (r: Request) => (asked++, server(r)));
});
afterEach(() => vi.unstubAllGlobals());

async function loaded(t: Transcript): Promise<TranscriptStore> {
  server = () => json(t);
  const store = new TranscriptStore(clip);
  await store.load();
  return store;
}

it('grows by events, in time order, and replaces what it has', async () => {
  const t = await loaded(transcript([seg('b', 2000)]));
  t.applySegmentEvent(event(seg('c', 3000)));
  t.applySegmentEvent(event(seg('a', 1000)));
  t.applySegmentEvent(event(seg('b', 2000, 'corrected')));
  expect(texts(t)).toEqual(['a', 'corrected', 'c']);
});

it('leaves what is older than what is shown', async () => {
  const t = await loaded(transcript([{ ...seg('a', 1000, 'new'), version: 3 }]));
  t.applySegmentEvent(event({ ...seg('a', 1000, 'old'), version: 2 }));
  expect(texts(t)).toEqual(['new']);
});

it('reads the whole anew when it was changed, but not while a change of ours is under way', async () => {
  const t = await loaded(transcript([seg('a', 1000)]));
  const changed = { type: 'transcript.updated' as const, workspace_id: '', clip_id: clip, subject_id: null };
  server = () => json(transcript([seg('a', 1000, 'changed')]));
  const release = t.holdUpdates();
  t.onTranscriptUpdated(changed);
  t.applySegmentEvent(event(seg('a', 1000, 'by an event')));
  expect([asked, texts(t)]).toEqual([1, ['a']]);
  release();
  await vi.waitFor(() => expect(texts(t)).toEqual(['changed']));
});

it('does not lose what is heard while it loads', async () => {
  const t = new TranscriptStore(clip);
  server = () => {
    t.applySegmentEvent(event(seg('b', 2000)));
    return json(transcript([seg('a', 1000)]));
  };
  await t.load();
  expect(texts(t)).toEqual(['a', 'b']);
});

it('reads the whole anew when the step ends, so that a refined one replaces the draft', async () => {
  const t = await loaded(transcript([seg('draft', 0)]));
  server = () => json(transcript([seg('fine', 0)], { state: 'done', draft: false }));
  t.applyStepState('running');
  expect(asked).toBe(1); // nothing changed: nothing asked
  t.applyStepState('done');
  await vi.waitFor(() => expect(texts(t)).toEqual(['fine']));
  expect([t.draft, t.state]).toEqual([false, 'done']);
});

it('looks for a better text when the clip of a finished draft changes, and only then', async () => {
  const t = await loaded(transcript([seg('draft', 0)]));
  const changed = { type: 'clip.updated' as const, workspace_id: '', clip_id: clip, subject_id: null };
  t.onClipUpdated(changed);
  expect(asked).toBe(1); // it is still being written
  server = () => json(transcript([seg('draft', 0)], { state: 'done' }));
  await t.load();
  server = () => json(transcript([seg('fine', 0)], { state: 'done', draft: false }));
  await vi.waitFor(() => (t.onClipUpdated(changed), expect(texts(t)).toEqual(['fine'])));
  const before = asked;
  t.onClipUpdated(changed);
  t.onClipUpdated({ ...changed, clip_id: 'another' });
  expect(asked).toBe(before); // what is refined stays
});

it('says why it did not load, and keeps what is shown', async () => {
  server = () => json({ detail: 'Later.', code: 'unavailable' }, 503);
  const t = new TranscriptStore(clip);
  await t.load();
  expect([t.load_state, t.problem?.detail]).toEqual(['failed', 'Later.']);
  const shown = await loaded(transcript([seg('a', 0)]));
  server = () => json({}, 500);
  await shown.load();
  expect([shown.load_state, texts(shown)]).toEqual(['ready', ['a']]);
});

it('makes captions of what it has', async () => {
  const t = await loaded(transcript([seg('a', 0, 'hello there')]));
  expect(t.cues[0]?.lines).toEqual(['hello there']);
});

it.each([
  [-1, -1],
  [0, 0],
  [999, 0],
  [1000, 1],
  [99_000, 1],
])('at %s ms the segment is %s', (ms, want) => expect(segmentAt([seg('a', 0), seg('b', 1000)], ms)).toBe(want));
it('puts in order without changing what it was given', () => {
  const list = [seg('b', 5)];
  expect(upsertSegment(list, seg('a', 1)).map((s) => s.id)).toEqual(['a', 'b']);
  expect(list).toHaveLength(1);
});
