import { untrack } from 'svelte';
import type { Clip } from '../lib/api/client';
import { loadStored, saveStored } from '../lib/storage';
import type { Playback } from '../player/playback.svelte';
import { findMatches, groupBySegment, nearestMatch } from './find';
import { segmentAt, type TranscriptStore } from './transcript.svelte';

const scrollPause = 4000; // ms that following waits after a scroll by hand

/** What of a transcript is shown, what is found in it, and how it is marked. */
export class TranscriptView {
  query = $state('');
  /** Index of the match that was gone to, in found. */
  hit = $state(0);
  markUnsure = $state(loadStored<unknown>('transcript.unsure', true) !== false);
  markFillers = $state(loadStored<unknown>('transcript.fillers', false) === true);

  readonly #clip: () => Clip;
  readonly #transcript: TranscriptStore;
  readonly #playback: Playback;

  constructor(clip: () => Clip, transcript: TranscriptStore, playback: Playback) {
    this.#clip = clip;
    this.#transcript = transcript;
    this.#playback = playback;
  }

  /** The segments that this visitor may watch. */
  segments = $derived.by(() => this.#transcript.segments.filter((s) => this.#isWatchable(s)));
  fillers = $derived.by(() => this.#transcript.fillers.filter((f) => this.#isWatchable(f)));
  limited = $derived.by(() => this.segments.length < this.#transcript.segments.length);
  currentId = $derived.by(() => this.segments[segmentAt(this.segments, this.#playback.time * 1000)]?.id);

  found = $derived.by(() => findMatches(this.segments, this.query));
  matchesById = $derived.by(() => groupBySegment(this.found));
  /** Index of the match that is shown as the current one; -1 when nothing is found. */
  at = $derived.by(() => (this.found.length ? Math.min(this.hit, this.found.length - 1) : -1));

  running = $derived.by(() => {
    const { state } = this.#transcript;
    return state === 'running' || (state === 'waiting' && this.#clip().state !== 'failed');
  });
  progress = $derived.by(() => Math.round(this.#clip().steps.transcribe.progress * 100)); // percent
  speakers = $derived.by(() => {
    const named = this.#transcript.segments.map((s) => s.speaker ?? '');
    return [...new Set([...named, this.#clip().author.name])].filter(Boolean);
  });

  toggleUnsure = (): void => {
    this.markUnsure = !this.markUnsure;
    saveStored('transcript.unsure', this.markUnsure);
  };

  toggleFillers = (): void => {
    this.markFillers = !this.markFillers;
    saveStored('transcript.fillers', this.markFillers);
  };

  #scrolledAt = -Infinity;

  noteManualScroll = (): void => {
    this.#scrolledAt = performance.now();
  };

  /** Follows playback, and shows the match nearest to the playhead when the query changes. For a component's initialisation. */
  runScrollEffects(isEditing: () => boolean, scrollTo: (id: string | undefined, behavior?: ScrollBehavior) => void): void {
    $effect(() => {
      const follows = this.currentId && !this.#playback.paused && !this.query && !isEditing();
      if (follows && performance.now() - this.#scrolledAt > scrollPause) untrack(() => scrollTo(this.currentId));
    });

    $effect(() => {
      void this.query;
      untrack(() => {
        this.hit = Math.max(0, nearestMatch(this.found, this.segments, this.#playback.time));
        if (this.found.length) scrollTo(this.found[this.hit]?.segment, 'instant');
      });
    });
  }

  #isWatchable = (s: { start_ms: number; end_ms: number }): boolean =>
    this.#playback.isWatchable(s.start_ms) || this.#playback.isWatchable(s.end_ms);
}
