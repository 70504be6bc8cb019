import { api, unwrap, toProblem, type Problem, type Segment, type Transcript } from '../lib/api/client';
import { splitText, splitSegment, joinSegments, codePoints, withText, normalizeSpace } from './change';
import type { TranscriptStore } from './transcript.svelte';

/** The line that is open for editing. `base` is its version when it was opened. */
export interface OpenSegment {
  id: string;
  caret: number | 'end' | 'all';
  base: number;
}

/** Another person changed a segment during an edit: the local text is kept until the conflict is resolved. */
export interface Conflict {
  id: string;
  mine: string;
}

/**
 * Corrections of the transcript. Each change shows at once and is sent in order; when the server refuses one, the
 * transcript is loaded again.
 */
export class TranscriptEditor {
  open = $state.raw<OpenSegment | null>(null);
  conflict = $state.raw<Conflict | null>(null);
  /** How many changes of this visit can be undone. */
  undoDepth = $state(0);

  #transcript: TranscriptStore;
  #onError: (p: Problem) => void;
  #lastChange: Promise<void> = Promise.resolve();
  #localIds = $state.raw<ReadonlyMap<string, string>>(new Map()); // server id → the id the segment had here first
  #serverIds = new Map<string, string>(); // the other direction
  #ownVersions = new Set<string>(); // versions made by this page, as id:version
  #created = 0;

  constructor(t: TranscriptStore, tell: (p: Problem) => void) {
    this.#transcript = t;
    this.#onError = tell;
  }

  /** A key that is the same before and after the server has given the segment its id. */
  key = (s: Segment): string => this.#localIds.get(s.id) ?? s.id;

  openSegment(id: string, caret: OpenSegment['caret'] = 'end'): void {
    const s = this.#findSegment(id);
    if (s) this.open = { id: s.id, caret, base: s.version };
  }

  /** Opens the line before (-1) or after (1) the open one in a list; false when there is none. */
  openAdjacent(list: readonly Segment[], by: 1 | -1): boolean {
    const from = list.findIndex((s) => this.isOpen(s));
    const to = list[from + by];
    if (from < 0 || !to) return false;
    this.openSegment(to.id, by === 1 ? 0 : 'end');
    return true;
  }

  isOpen = (s: Segment): boolean => this.open !== null && (this.open.id === s.id || this.#serverIds.get(this.open.id) === s.id);

  closeSegment(): void {
    this.open = null;
  }

  /** Corrects a line. Nothing happens when the text is the same. */
  save(id: string, typed: string, base = this.#baseVersion(id)): Promise<void> {
    const text = normalizeSpace(typed);
    const s = this.#findSegment(id);
    if (!s || !text || text === s.text) return this.#lastChange;
    this.#showSegment(withText(s, text));
    return this.#sendSegmentChange(id, text, base, async (path, header) => {
      this.#applySegments(
        await unwrap(api.PATCH('/clips/{id}/transcript/segments/{segment}', { params: { path, header }, body: { text } })),
      );
    });
  }

  /** Splits the segment at the caret and opens the second half; false when it cannot be split there. */
  split(id: string, typed: string, caret: number): boolean {
    const s = this.#findSegment(id);
    const sides = s && splitText(typed, caret);
    if (!s || !sides) return false;
    const base = this.#baseVersion(id);
    const fresh = `new-${++this.#created}`;
    const [a, b] = splitSegment(s, sides, fresh);
    this.#replaceSegments([s.id], [a, b]);
    this.open = { id: fresh, caret: 0, base: 0 };
    void this.#sendSegmentChange(id, typed, base, async (path, header) => {
      const made = await unwrap(
        api.POST('/clips/{id}/transcript/segments/{segment}/split', {
          params: { path, header },
          body: { text: typed, at_char: codePoints(typed, caret) },
        }),
      );
      const [first, second] = made.segments;
      if (!first || !second) return;
      this.#serverIds.set(fresh, second.id);
      this.#localIds = new Map([...this.#localIds, [second.id, fresh]]);
      this.#replaceSegments([fresh], []);
      this.#applySegments(first, second);
    });
    return true;
  }

  /** Joins the segment with the one before it, with the caret where they meet; false when there is none. */
  join(id: string, typed: string): boolean {
    const list = this.#transcript.segments;
    const at = list.findIndex((s) => s.id === this.#serverId(id));
    const [before, s] = [list[at - 1], list[at]];
    if (!before || !s) return false;
    const base = this.#baseVersion(id);
    const text = normalizeSpace(typed);
    this.#replaceSegments([s.id], [joinSegments(before, text && text !== s.text ? withText(s, text) : s)]);
    this.open = { id: before.id, caret: before.text.length + 1, base: before.version };
    void this.#sendSegmentChange(id, typed, base, async (path, header) => {
      const made = await unwrap(
        api.POST('/clips/{id}/transcript/segments/{segment}/join', {
          params: { path, header },
          body: { with: 'previous', ...(text && text !== s.text ? { text } : {}) },
        }),
      );
      this.#replaceSegments(made.removed, []);
      this.#applySegments(...made.segments);
    });
    return true;
  }

  setSpeaker(id: string, speaker: string | null): Promise<void> {
    const s = this.#findSegment(id);
    if (!s || s.speaker === speaker) return this.#lastChange;
    this.#showSegment({ ...s, speaker });
    return this.#sendSegmentChange(id, '', this.#baseVersion(id), async (path, header) => {
      this.#applySegments(
        await unwrap(api.PATCH('/clips/{id}/transcript/segments/{segment}', { params: { path, header }, body: { speaker } })),
      );
    });
  }

  renameSpeaker(from: string, to: string): Promise<void> {
    this.#transcript.segments = this.#transcript.segments.map((s) => ((s.speaker ?? '') === from ? { ...s, speaker: to || null } : s));
    return this.#sendTranscriptChange(() =>
      api.PATCH('/clips/{id}/transcript/speakers', { params: { path: { id: this.#transcript.clip } }, body: { from, to } }),
    );
  }

  /** Puts back what the engine wrote where the glossary changed it, or applies the glossary to all. */
  glossary(action: 'apply' | 'restore', at: { segment_id?: string; word?: number } = {}): Promise<void> {
    return this.#sendTranscriptChange(() =>
      api.POST('/clips/{id}/transcript/glossary', { params: { path: { id: this.#transcript.clip } }, body: { action, ...at } }),
    );
  }

  undo = (): Promise<void> =>
    this.#sendTranscriptChange(() => api.POST('/clips/{id}/transcript/undo', { params: { path: { id: this.#transcript.clip } } }), -1);
  redo = (): Promise<void> =>
    this.#sendTranscriptChange(() => api.POST('/clips/{id}/transcript/redo', { params: { path: { id: this.#transcript.clip } } }));

  /** The answer to a conflict. */
  resolveConflict(mine: boolean): void {
    const c = this.conflict;
    this.conflict = null;
    if (c && mine) void this.save(c.id, c.mine, this.#findSegment(c.id)?.version);
  }

  #serverId = (id: string): string => this.#serverIds.get(id) ?? id;
  #findSegment = (id: string): Segment | undefined => this.#transcript.segments.find((s) => s.id === this.#serverId(id));

  #showSegment(s: Segment): void {
    this.#transcript.segments = this.#transcript.segments.map((x) => (x.id === s.id ? s : x));
  }

  /** Takes lines out and puts others at the place of the first that has their id, or in time order. */
  #replaceSegments(ids: readonly string[], others: readonly Segment[]): void {
    const rest = this.#transcript.segments.filter((s) => !ids.includes(s.id) && !others.some((o) => o.id === s.id));
    this.#transcript.segments = [...rest, ...others].sort(
      (a, b) => a.start_ms - b.start_ms || (a.id.startsWith('new-') ? 1 : b.id.startsWith('new-') ? -1 : 0),
    );
  }

  #applySegments(...made: Segment[]): void {
    for (const s of made) this.#ownVersions.add(`${s.id}:${s.version}`);
    this.#replaceSegments([], made);
    this.#transcript.edited = true;
    this.undoDepth++;
  }

  /** The version that a change is based on: the one that was seen, unless this page made the newer one. */
  #baseVersion(id: string): number | undefined {
    return this.open && (this.open.id === id || this.#serverIds.get(this.open.id) === id) ? this.open.base : this.#findSegment(id)?.version;
  }

  #sendSegmentChange(
    id: string,
    typed: string,
    base: number | undefined,
    run: (path: { id: string; segment: string }, header: { 'If-Match': string }) => Promise<void>,
  ): Promise<void> {
    return this.#enqueue(
      async () => {
        const real = this.#serverId(id);
        const known = [...this.#ownVersions].filter((v) => v.startsWith(`${real}:`)).map((v) => Number(v.split(':')[1]));
        const version = Math.max(base ?? 0, ...known);
        await run({ id: this.#transcript.clip, segment: real }, { 'If-Match': `"${version}"` });
      },
      () => {
        if (normalizeSpace(typed)) this.conflict = { id: this.#serverId(id), mine: normalizeSpace(typed) };
      },
    );
  }

  #sendTranscriptChange(call: () => Promise<{ data?: Transcript; error?: unknown; response: Response }>, step = 1): Promise<void> {
    this.open = null; // its text may be another one then
    return this.#enqueue(async () => {
      const t = await unwrap(call());
      this.#transcript.applyTranscript(t);
      this.undoDepth = Math.max(0, this.undoDepth + step);
    });
  }

  #enqueue(run: () => Promise<void>, stale?: () => void): Promise<void> {
    const release = this.#transcript.holdUpdates();
    const done = this.#lastChange.then(run).catch((e: unknown) => {
      const p = toProblem(e);
      void this.#transcript.load(); // while held this is only noted: what was shown too early is read anew
      if (p.status === 412 || p.status === 404) stale?.();
      if (p.status !== 412 || !stale) this.#onError(p);
    });
    this.#lastChange = done.finally(release);
    return this.#lastChange;
  }
}
