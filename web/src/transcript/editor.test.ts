// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Problem, Segment } from '../lib/api/client';
import { TranscriptEditor } from './editor.svelte';
import { TranscriptStore } from './transcript.svelte';

const clip = '01JD0000000000000000000000';
const seg = (id: string, start_ms: number, text: string, version = 1): Segment => ({
  id,
  start_ms,
  end_ms: start_ms + 900,
  text,
  speaker: null,
  language: null,
  words: [],
  version,
  origin: 'machine',
  edited_by: null,
  edited_at: null,
});
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const whole = (segments: Segment[]) => ({
  state: 'done',
  draft: false,
  language: 'en',
  engine: 'vosk',
  model: 'm',
  segments,
  edited_at: null,
  silences: [],
  fillers: [],
  refinement: null,
});

interface Asked {
  method: string;
  path: string;
  match: string | null;
  body: unknown;
}
let asked: Asked[] = [];
let answers: ((a: Asked) => Response | Promise<Response>)[] = [];
beforeEach(() => {
  asked = [];
  answers = [];
  vi.stubGlobal('fetch', async (r: Request) => {
    const text = await r.text();
    const a = {
      method: r.method,
      path: new URL(r.url).pathname.replace(/.*\/transcript/, ''),
      match: r.headers.get('If-Match'),
      body: text ? (JSON.parse(text) as unknown) : null,
    };
    asked.push(a);
    const next = answers.shift();
    if (!next) throw new Error(`nobody answers ${a.method} ${a.path}`);
    return next(a);
  });
});
afterEach(() => vi.unstubAllGlobals());

async function begin(
  ...segments: Segment[]
): Promise<{ t: TranscriptStore; edit: TranscriptEditor; told: Problem[]; texts: () => string[] }> {
  const told: Problem[] = [];
  const t = new TranscriptStore(clip);
  answers.push(() => json(whole(segments)));
  await t.load();
  asked = [];
  return { t, edit: new TranscriptEditor(t, (p) => told.push(p)), told, texts: () => t.segments.map((s) => s.text) };
}

it('shows a correction at once, sends the version that was seen, and keeps what the server made of it', async () => {
  const { t, edit, texts } = await begin(seg('a', 0, 'wrong', 4));
  edit.openSegment('a');
  answers.push(() => json({ ...seg('a', 0, 'right', 5), words: [{ start_ms: 0, end_ms: 900, text: 'right', p: null }] }));
  const done = edit.save('a', '  right ');
  expect(texts()).toEqual(['right']);
  await done;
  expect(asked).toEqual([{ method: 'PATCH', path: '/segments/a', match: '"4"', body: { text: 'right' } }]);
  expect([t.segments[0]?.words.length, t.edited, edit.undoDepth]).toEqual([1, true, 1]);
});

it('sends nothing for a text that is the same', async () => {
  const { edit } = await begin(seg('a', 0, 'same'));
  await edit.save('a', ' same ');
  expect(asked).toEqual([]);
});

it('splits, and sends what is typed into the new line only when the server has named it', async () => {
  const { edit, t, texts } = await begin(seg('a', 0, 'ask not'));
  let name!: (r: Response) => void;
  answers.push(
    () => new Promise((r) => (name = r)),
    () => json(seg('b', 450, 'Not.', 2)),
  );
  edit.openSegment('a');
  expect(edit.split('a', 'ask not', 4)).toBe(true);
  expect(texts()).toEqual(['ask', 'not']);
  const fresh = t.segments[1]!;
  const key = edit.key(fresh);
  expect(edit.isOpen(fresh)).toBe(true);
  const done = edit.save(fresh.id, 'Not.');
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  name(json({ segments: [seg('a', 0, 'ask', 2), seg('b', 450, 'not', 1)], removed: [] }));
  await done;
  expect(asked[0]).toMatchObject({ path: '/segments/a/split', match: '"1"', body: { text: 'ask not', at_char: 4 } });
  expect(asked[1]).toMatchObject({ path: '/segments/b', match: '"1"', body: { text: 'Not.' } });
  expect(texts()).toEqual(['ask', 'Not.']);
  expect(edit.key(t.segments[1]!)).toBe(key); // the page keeps its place
});

it('counts the caret in code points', async () => {
  const { edit } = await begin(seg('a', 0, '🎬 ready'));
  answers.push(() => json({ segments: [seg('a', 0, '🎬', 2), seg('b', 450, 'ready', 1)], removed: [] }));
  edit.split('a', '🎬 ready', 3);
  await vi.waitFor(() => expect(asked[0]?.body).toEqual({ text: '🎬 ready', at_char: 2 }));
});

it('does not split where one side would be empty', async () => {
  const { edit } = await begin(seg('a', 0, 'ask'));
  expect([edit.split('a', 'ask', 0), edit.split('a', ' ask ', 4)]).toEqual([false, false]);
});

it('joins with the line before, and leaves the caret where they met', async () => {
  const { edit, texts } = await begin(seg('a', 0, 'ask'), seg('b', 900, 'not'));
  answers.push(() => json({ segments: [seg('a', 0, 'ask not', 2)], removed: ['b'] }));
  expect(edit.join('a', 'ask')).toBe(false);
  expect(edit.join('b', 'not')).toBe(true);
  expect(texts()).toEqual(['ask not']);
  expect(edit.open).toMatchObject({ id: 'a', caret: 4 });
  await vi.waitFor(() => expect(edit.undoDepth).toBe(1));
  expect(texts()).toEqual(['ask not']);
});

it('keeps what was written when somebody else was quicker, and asks which one stays', async () => {
  const { edit, told, texts } = await begin(seg('a', 0, 'one'));
  edit.openSegment('a');
  answers.push(
    () => json({ code: 'conflict', detail: 'x' }, 412),
    () => json(whole([seg('a', 0, 'theirs', 2)])),
  );
  await edit.save('a', 'mine');
  await vi.waitFor(() => expect(texts()).toEqual(['theirs']));
  expect([edit.conflict, told]).toEqual([{ id: 'a', mine: 'mine' }, []]);
  edit.closeSegment();
  answers.push(() => json(seg('a', 0, 'mine', 3)));
  edit.resolveConflict(true);
  await vi.waitFor(() => expect(asked.at(-1)).toMatchObject({ match: '"2"', body: { text: 'mine' } }));
  expect(texts()).toEqual(['mine']);
  expect(edit.conflict).toBeNull();
});

it('takes back what is refused, and says why', async () => {
  const { edit, told, texts } = await begin(seg('a', 0, 'one'));
  answers.push(
    () => json({ code: 'forbidden', detail: 'No.' }, 403),
    () => json(whole([seg('a', 0, 'one')])),
  );
  await edit.save('a', 'two');
  await vi.waitFor(() => expect(texts()).toEqual(['one']));
  expect(told.map((p) => p.detail)).toEqual(['No.']);
});

it('undoes what was done, in its turn', async () => {
  const { edit, texts } = await begin(seg('a', 0, 'one'));
  answers.push(
    () => json(seg('a', 0, 'two', 2)),
    () => json(whole([seg('a', 0, 'one', 3)])),
  );
  void edit.save('a', 'two');
  await edit.undo();
  expect(asked.map((a) => a.path)).toEqual(['/segments/a', '/undo']);
  expect([texts(), edit.undoDepth]).toEqual([['one'], 0]);
});
