import { api, unwrap, toProblem, type Event, type Problem, type Segment, type Transcript } from '../lib/api/client';
import { buildCues } from '../player/cues';

type Step = Transcript['state'];
type Span = { start_ms: number; end_ms: number };

/** The transcript of a clip, which grows while it is recorded. Corrections: see TranscriptEditor. */
export class TranscriptStore {
  load_state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state.raw<Problem | null>(null);
  segments = $state.raw<Segment[]>([]);
  silences = $state.raw<Span[]>([]);
  fillers = $state.raw<Span[]>([]);
  draft = $state(false);
  edited = $state(false);
  state = $state<Step>('waiting');
  language = $state<string | null>(null);
  engine = $state<string | null>(null);
  refinement = $state<Transcript['refinement']>(null);
  /** Whether an engine writes it that hears half a minute at once: all but the one of drafts do. */
  readonly comesInParts = $derived(this.engine !== null && !this.draft);
  cues = $derived(buildCues(this.segments));

  readonly clip: string;
  #latestLoad = 0;
  #receivedWhileLoading = new Map<string, Segment>(); // events that arrived during a load
  #loading = false;
  #holds = 0; // local changes being sent
  #missedUpdate = false; // an event arrived during a hold

  constructor(clip: string) {
    this.clip = clip;
  }

  load = async (): Promise<void> => {
    if (this.#holds > 0) return void (this.#missedUpdate = true);
    const turn = ++this.#latestLoad;
    this.#loading = true;
    this.#receivedWhileLoading.clear();
    try {
      const t = await unwrap(api.GET('/clips/{id}/transcript', { params: { path: { id: this.clip } } }));
      if (turn === this.#latestLoad) this.applyTranscript(t);
    } catch (e) {
      if (turn !== this.#latestLoad) return;
      this.problem = toProblem(e);
      if (this.load_state === 'loading') this.load_state = 'failed';
    } finally {
      if (turn === this.#latestLoad) this.#loading = false;
    }
  };

  /** Replaces everything by the server's state. */
  applyTranscript(t: Transcript): void {
    this.segments = [...this.#receivedWhileLoading.values()].reduce(upsertSegment, t.segments);
    this.silences = t.silences;
    this.fillers = t.fillers;
    this.draft = t.draft;
    this.edited = t.edited_at !== null;
    this.state = t.state;
    this.language = t.language;
    this.engine = t.engine;
    this.refinement = t.refinement;
    this.load_state = 'ready';
  }

  /** While local changes are being sent no event may overwrite them; afterwards the transcript is loaded again if any came. */
  holdUpdates(): () => void {
    this.#holds++;
    if (this.#loading) this.#missedUpdate = true;
    this.#latestLoad++; // an answer that is on its way is older than what is shown now
    this.#loading = false;
    return () => {
      if (--this.#holds > 0 || !this.#missedUpdate) return;
      this.#missedUpdate = false;
      void this.load();
    };
  }

  /** The state of the clip's step. When the step ends or starts again all is loaded: a refined transcript may have replaced the draft. */
  applyStepState(step: Step): void {
    if (step === this.state) return;
    const before = this.state;
    this.state = step;
    if (step !== 'running' || before === 'done') void this.load();
  }

  /** clip.updated: a refined transcript may have replaced the draft, or the silences may be known now. */
  onClipUpdated = (e: Event): void => {
    if (e.clip_id === this.clip && this.draft && this.state === 'done' && !this.#loading) void this.load();
  };

  /** transcript.updated */
  onTranscriptUpdated = (e: Event): void => {
    if (e.clip_id === this.clip) void this.load();
  };

  /** transcript.segment */
  applySegmentEvent = (e: Event): void => {
    if (!e.segment || e.clip_id !== this.clip) return;
    if (this.#holds > 0) return void (this.#missedUpdate = true);
    if (this.#loading) this.#receivedWhileLoading.set(e.segment.id, e.segment);
    this.segments = upsertSegment(this.segments, e.segment);
    if (this.state === 'waiting') this.state = 'running';
    if (this.state === 'running') this.draft = true; // text written during the recording is always a draft
  };
}

/** The list with one segment inserted or replaced, in time order. An older version than the one that is there is ignored. */
export function upsertSegment(list: readonly Segment[], s: Segment): Segment[] {
  const have = list.find((x) => x.id === s.id);
  if (have && have.version > s.version) return [...list];
  return [...list.filter((x) => x.id !== s.id), s].sort((a, b) => a.start_ms - b.start_ms || a.id.localeCompare(b.id));
}

/** The segment being spoken, or the last one that was, at `ms`. -1 before the first. */
export function segmentAt(list: readonly Segment[], ms: number): number {
  return list.findLastIndex((s) => s.start_ms <= ms);
}
