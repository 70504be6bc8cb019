// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { clipOf } from '../clip/testing';
import type { Segment, Transcript } from '../lib/api/client';
import { formatFullTime } from '../lib/time';
import { Playback } from '../player/playback.svelte';
import { joinSegments, splitSegment, withText } from './change';
import { TranscriptEditor } from './editor.svelte';
import Lines from './Lines.svelte';
import { describeOrigin } from './origin';
import { TranscriptStore } from './transcript.svelte';
import { TranscriptView } from './view.svelte';

const ana = { id: '01JD0000000000000000000002', name: 'Ana Lima', avatar_url: null };
const at = '2026-11-03T09:30:00.000Z';
const line = (id: string, fields: Partial<Segment> = {}): Segment => ({
  id,
  start_ms: Number(id) * 1000,
  end_ms: Number(id) * 1000 + 900,
  text: `line ${id}`,
  speaker: null,
  language: null,
  words: [],
  version: 1,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
  ...fields,
});
const edited = { origin: 'edited', edited_by: ana, edited_at: at } as const;
const transcript = (segments: Segment[], fields: Partial<Transcript> = {}): Transcript => ({
  state: 'done',
  draft: true,
  language: 'en',
  engine: 'vosk',
  model: 'm',
  segments,
  edited_at: null,
  silences: [],
  refinement: null,
  fillers: [],
  ...fields,
});

async function shown(t: Transcript): Promise<TranscriptStore> {
  const clip = clipOf();
  const store = new TranscriptStore(clip.id);
  store.applyTranscript(t);
  const p = new Playback();
  const edit = new TranscriptEditor(store, () => undefined);
  render(Lines, { clip, t: store, p, view: new TranscriptView(() => clip, store, p), edit, may: edit, onimport: () => undefined });
  await tick();
  return store;
}
const marks = () => screen.queryAllByRole('img').map((m) => m.getAttribute('aria-label'));
const draft = () => screen.queryByRole('button', { name: /^Draft/ })?.textContent;

test('each line of a draft says who wrote it, also after one was corrected', async () => {
  const store = await shown(transcript([line('1'), line('2'), line('3')]));
  expect(marks()).toEqual(Array(3).fill('Written by machine (vosk)'));
  expect(draft()).toBe('Draft· 3 lines by machine');

  store.applyTranscript(transcript([line('1'), line('2', edited), line('3')], { edited_at: at }));
  await tick();
  const by = `Edited by Ana Lima, ${formatFullTime(at)}`;
  expect(marks()).toEqual(['Written by machine (vosk)', by, 'Written by machine (vosk)']);
  expect(draft()).toBe('Draft· 2 of 3 lines by machine');
  expect(screen.getByTitle(by)).toBe(screen.getAllByRole('img')[1]); // by mouse, too

  store.applySegmentEvent({
    type: 'transcript.segment',
    workspace_id: '',
    clip_id: store.clip,
    subject_id: '2',
    segment: line('2', { version: 2 }),
  });
  await tick();
  expect(draft()).toBe('Draft· 3 lines by machine'); // it was undone
});

test('a draft of which every line was edited is none any more', async () => {
  await shown(transcript([line('1', edited), line('2', edited)]));
  expect([draft(), marks().length]).toEqual([undefined, 2]);
});

test('a transcript that is no draft has marks only where somebody edited', async () => {
  await shown(transcript([line('1'), line('2', edited)], { draft: false, engine: 'whisper' }));
  expect([draft(), marks()[0]?.slice(0, 18), marks().length]).toEqual([undefined, 'Edited by Ana Lima', 1]);
});

test('a line of which it is not known, and one from a file, have no mark', async () => {
  await shown(transcript([line('1', { origin: null }), line('2', { origin: 'imported' })]));
  expect([draft(), marks()]).toEqual([undefined, []]);
});

test('a name that the reader may not see is left out', () => {
  expect(describeOrigin(line('1', { ...edited, edited_by: null }), 'vosk')).toBe(`Edited, ${formatFullTime(at)}`);
  expect(describeOrigin(line('1', { origin: 'machine' }), null)).toBe('Written by machine');
  expect(describeOrigin(line('1', { origin: 'imported' }), 'import')).toBe('From a captions file');
});

test('what is shown before the server answers has the origins that it will have', () => {
  const machine = line('1', { text: 'ask not' });
  expect(withText(machine, 'ask now').origin).toBe('edited');
  expect(splitSegment(machine, ['ask', 'not'], 'new').map((s) => s.origin)).toEqual(['machine', 'machine']);
  expect(splitSegment(machine, ['ask', 'now'], 'new').map((s) => s.origin)).toEqual(['edited', 'edited']);
  expect(joinSegments(machine, line('2', edited))).toMatchObject(edited);
  expect(joinSegments(line('2', edited), machine)).toMatchObject(edited);
  expect(joinSegments(machine, line('2')).origin).toBe('machine');
  const later = { ...edited, edited_by: { ...ana, name: 'Ben' }, edited_at: '2026-11-04T09:30:00.000Z' };
  expect(joinSegments(line('1', edited), line('2', later)).edited_by?.name).toBe('Ben');
});
