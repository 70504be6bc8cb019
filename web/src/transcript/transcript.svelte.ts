import { api, answer, problem, type Event, type Problem, type Segment, type Transcript } from '../lib/api/client';
import { cuesOf } from '../player/cues';

type Step = Transcript['state'];

/** What was said, growing while it is recorded. */
export class TranscriptStore {
  load_state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state.raw<Problem | null>(null);
  segments = $state.raw<Segment[]>([]);
  draft = $state(false);
  edited = $state(false);
  state = $state<Step>('waiting');
  language = $state<string | null>(null);
  cues = $derived(cuesOf(this.segments));

  #clip: string;
  #loads = 0;
  #early = new Map<string, Segment>(); // heard while a load was under way
  #loading = false;

  constructor(clip: string) {
    this.#clip = clip;
  }

  load = async (): Promise<void> => {
    const turn = ++this.#loads;
    this.#loading = true;
    this.#early.clear();
    try {
      const t = await answer(api.GET('/clips/{id}/transcript', { params: { path: { id: this.#clip } } }));
      if (turn !== this.#loads) return;
      this.segments = [...this.#early.values()].reduce(put, t.segments);
      this.draft = t.draft;
      this.edited = t.edited_at !== null;
      this.state = t.state;
      this.language = t.language;
      this.load_state = 'ready';
    } catch (e) {
      if (turn !== this.#loads) return;
      this.problem = problem(e);
      if (this.load_state === 'loading') this.load_state = 'failed';
    } finally {
      if (turn === this.#loads) this.#loading = false;
    }
  };

  /** The clip's step moved. When it ends, or begins again, the whole is read anew: a better one may have replaced the draft. */
  moved(step: Step): void {
    if (step === this.state) return;
    const before = this.state;
    this.state = step;
    if (step !== 'running' || before === 'done') void this.load();
  }

  /** clip.updated: a finished draft may have been replaced by a better engine's text. */
  look = (e: Event): void => {
    if (e.clip_id === this.#clip && this.draft && this.state === 'done' && !this.#loading) void this.load();
  };

  /** transcript.segment */
  hear = (e: Event): void => {
    if (!e.segment || e.clip_id !== this.#clip) return;
    if (this.#loading) this.#early.set(e.segment.id, e.segment);
    this.segments = put(this.segments, e.segment);
    if (this.state === 'waiting') this.state = 'running';
    if (this.state === 'running') this.draft = true; // what is written while it is spoken always is
  };

  /** Corrects a segment. The old text comes back when the server refuses. Throws Problem then. */
  async edit(id: string, text: string): Promise<void> {
    const old = this.segments.find((s) => s.id === id);
    if (!old) return;
    this.segments = put(this.segments, { ...old, text, words: [] });
    try {
      const made = await answer(api.PATCH('/clips/{id}/transcript/segments/{segment}', { params: { path: { id: this.#clip, segment: id } }, body: { text } }));
      this.segments = put(this.segments, made);
      this.edited = true;
    } catch (e) {
      this.segments = put(this.segments, old);
      throw problem(e);
    }
  }
}

/** The list with one segment new or replaced, in time order. */
export function put(list: readonly Segment[], s: Segment): Segment[] {
  return [...list.filter((x) => x.id !== s.id), s].sort((a, b) => a.start_ms - b.start_ms || a.id.localeCompare(b.id));
}

/** The segment being spoken, or the last one that was, at `ms`. -1 before the first. */
export function segmentAt(list: readonly Segment[], ms: number): number {
  return list.findLastIndex((s) => s.start_ms <= ms);
}
