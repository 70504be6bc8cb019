import { api, answer, problem, type Problem, type Segment, type Transcript } from '../lib/api/client';
import { cut, halves, joined, points, retexted, tidy } from './change';
import type { TranscriptStore } from './transcript.svelte';

/** The line that is open for editing. `base` is its version when it was opened. */
export interface Open {
  id: string;
  caret: number | 'end' | 'all';
  base: number;
}

/** Somebody else changed a line while we wrote: what we wrote is kept until it is said which one stays. */
export interface Conflict {
  id: string;
  mine: string;
}

/**
 * What a person does to the transcript. Everything shows at once and is sent in the order in which it was done; what
 * the server refuses is taken back by reading the whole anew.
 */
export class Editing {
  open = $state.raw<Open | null>(null);
  conflict = $state.raw<Conflict | null>(null);
  /** Changes of ours in this visit that can be taken back. */
  depth = $state(0);

  #t: TranscriptStore;
  #tell: (p: Problem) => void;
  #last: Promise<void> = Promise.resolve();
  #ids = $state.raw<ReadonlyMap<string, string>>(new Map()); // the server's id of a line → the one it had here first
  #real = new Map<string, string>(); // and back
  #mine = new Set<string>(); // versions that we made: id:version
  #made = 0;

  constructor(t: TranscriptStore, tell: (p: Problem) => void) {
    this.#t = t;
    this.#tell = tell;
  }

  /** What a line is called on this page: the same before and after the server has named it. */
  key = (s: Segment): string => this.#ids.get(s.id) ?? s.id;

  begin(id: string, caret: Open['caret'] = 'end'): void {
    const s = this.#find(id);
    if (s) this.open = { id: s.id, caret, base: s.version };
  }

  isOpen = (s: Segment): boolean => this.open !== null && (this.open.id === s.id || this.#real.get(this.open.id) === s.id);

  close(): void {
    this.open = null;
  }

  /** Corrects a line. Nothing happens when the text is the same. */
  save(id: string, typed: string, base = this.#base(id)): Promise<void> {
    const text = tidy(typed);
    const s = this.#find(id);
    if (!s || !text || text === s.text) return this.#last;
    this.#show(retexted(s, text));
    return this.#send(id, text, base, async (path, header) => {
      this.#took(await answer(api.PATCH('/clips/{id}/transcript/segments/{segment}', { params: { path, header }, body: { text } })));
    });
  }

  /** Cuts the line at the caret and opens the second part. Answers whether it could. */
  split(id: string, typed: string, caret: number): boolean {
    const s = this.#find(id);
    const sides = s && cut(typed, caret);
    if (!s || !sides) return false;
    const base = this.#base(id);
    const fresh = `new-${++this.#made}`;
    const [a, b] = halves(s, sides, fresh);
    this.#replace([s.id], [a, b]);
    this.open = { id: fresh, caret: 0, base: 0 };
    void this.#send(id, typed, base, async (path, header) => {
      const made = await answer(
        api.POST('/clips/{id}/transcript/segments/{segment}/split', {
          params: { path, header },
          body: { text: typed, at_char: points(typed, caret) },
        }),
      );
      const [first, second] = made.segments;
      if (!first || !second) return;
      this.#real.set(fresh, second.id);
      this.#ids = new Map([...this.#ids, [second.id, fresh]]);
      this.#replace([fresh], []);
      this.#took(first, second);
    });
    return true;
  }

  /** Joins the line with the one before it, and leaves the caret where they met. Answers whether there is one. */
  join(id: string, typed: string): boolean {
    const list = this.#t.segments;
    const at = list.findIndex((s) => s.id === this.#now(id));
    const [before, s] = [list[at - 1], list[at]];
    if (!before || !s) return false;
    const base = this.#base(id);
    const text = tidy(typed);
    this.#replace([s.id], [joined(before, text && text !== s.text ? retexted(s, text) : s)]);
    this.open = { id: before.id, caret: before.text.length + 1, base: before.version };
    void this.#send(id, typed, base, async (path, header) => {
      const made = await answer(
        api.POST('/clips/{id}/transcript/segments/{segment}/join', {
          params: { path, header },
          body: { with: 'previous', ...(text && text !== s.text ? { text } : {}) },
        }),
      );
      this.#replace(made.removed, []);
      this.#took(...made.segments);
    });
    return true;
  }

  setSpeaker(id: string, speaker: string | null): Promise<void> {
    const s = this.#find(id);
    if (!s || s.speaker === speaker) return this.#last;
    this.#show({ ...s, speaker });
    return this.#send(id, '', this.#base(id), async (path, header) => {
      this.#took(await answer(api.PATCH('/clips/{id}/transcript/segments/{segment}', { params: { path, header }, body: { speaker } })));
    });
  }

  renameSpeaker(from: string, to: string): Promise<void> {
    this.#t.segments = this.#t.segments.map((s) => ((s.speaker ?? '') === from ? { ...s, speaker: to || null } : s));
    return this.#whole(() => api.PATCH('/clips/{id}/transcript/speakers', { params: { path: { id: this.#t.clip } }, body: { from, to } }));
  }

  /** Puts back what the engine wrote where the glossary changed it, or applies the glossary to all. */
  glossary(action: 'apply' | 'restore', at: { segment_id?: string; word?: number } = {}): Promise<void> {
    return this.#whole(() =>
      api.POST('/clips/{id}/transcript/glossary', { params: { path: { id: this.#t.clip } }, body: { action, ...at } }),
    );
  }

  undo = (): Promise<void> => this.#whole(() => api.POST('/clips/{id}/transcript/undo', { params: { path: { id: this.#t.clip } } }), -1);
  redo = (): Promise<void> => this.#whole(() => api.POST('/clips/{id}/transcript/redo', { params: { path: { id: this.#t.clip } } }));

  /** The answer to a conflict. */
  settle(mine: boolean): void {
    const c = this.conflict;
    this.conflict = null;
    if (c && mine) void this.save(c.id, c.mine, this.#find(c.id)?.version);
  }

  #now = (id: string): string => this.#real.get(id) ?? id;
  #find = (id: string): Segment | undefined => this.#t.segments.find((s) => s.id === this.#now(id));

  #show(s: Segment): void {
    this.#t.segments = this.#t.segments.map((x) => (x.id === s.id ? s : x));
  }

  /** Takes lines out and puts others at the place of the first that has their id, or in time order. */
  #replace(ids: readonly string[], others: readonly Segment[]): void {
    const rest = this.#t.segments.filter((s) => !ids.includes(s.id) && !others.some((o) => o.id === s.id));
    this.#t.segments = [...rest, ...others].sort(
      (a, b) => a.start_ms - b.start_ms || (a.id.startsWith('new-') ? 1 : b.id.startsWith('new-') ? -1 : 0),
    );
  }

  #took(...made: Segment[]): void {
    for (const s of made) this.#mine.add(`${s.id}:${s.version}`);
    this.#replace([], made);
    this.#t.edited = true;
    this.depth++;
  }

  /** The version that a change is meant for: the one that was seen, unless the newer one is our own. */
  #base(id: string): number | undefined {
    return this.open && (this.open.id === id || this.#real.get(this.open.id) === id) ? this.open.base : this.#find(id)?.version;
  }

  #send(
    id: string,
    typed: string,
    base: number | undefined,
    run: (path: { id: string; segment: string }, header: { 'If-Match': string }) => Promise<void>,
  ): Promise<void> {
    return this.#queue(
      async () => {
        const real = this.#now(id);
        const known = [...this.#mine].filter((v) => v.startsWith(`${real}:`)).map((v) => Number(v.split(':')[1]));
        const version = Math.max(base ?? 0, ...known);
        await run({ id: this.#t.clip, segment: real }, { 'If-Match': `"${version}"` });
      },
      () => {
        if (tidy(typed)) this.conflict = { id: this.#now(id), mine: tidy(typed) };
      },
    );
  }

  #whole(call: () => Promise<{ data?: Transcript; error?: unknown; response: Response }>, step = 1): Promise<void> {
    this.open = null; // its text may be another one then
    return this.#queue(async () => {
      const t = await answer(call());
      this.#t.take(t);
      this.depth = Math.max(0, this.depth + step);
    });
  }

  #queue(run: () => Promise<void>, stale?: () => void): Promise<void> {
    const release = this.#t.hold();
    const done = this.#last.then(run).catch((e: unknown) => {
      const p = problem(e);
      void this.#t.load(); // while held this is only noted: what was shown too early is read anew
      if (p.status === 412 || p.status === 404) stale?.();
      if (p.status !== 412 || !stale) this.#tell(p);
    });
    this.#last = done.finally(release);
    return this.#last;
  }
}
