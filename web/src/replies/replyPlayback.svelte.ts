import { untrack } from 'svelte';
import { ClipStore } from '../clip/clip.svelte';
import { trackWatched } from '../clip/clipEffects.svelte';
import { reportViews } from '../clip/reportViews';
import { WatchedRanges } from '../clip/views';
import type { Clip } from '../lib/api/client';
import { boot } from '../lib/boot';
import { subscribeEvents } from '../lib/live.svelte';
import { Playback } from '../player/playback.svelte';
import { isAudioOnly } from '../player/source';
import { SourceLoader } from '../player/sourceLoader.svelte';
import { TranscriptStore } from '../transcript/transcript.svelte';

/** A voice or video reply in a thread. Its media is loaded when it is first played, its words when they are first read. */
export class ReplyPlayback {
  readonly store: ClipStore;
  readonly playback: Playback;
  readonly loader: SourceLoader;
  readonly transcript: TranscriptStore;
  /** Whether the words are shown. */
  open = $state(false);

  #requested = $state(false); // play was pressed: only then is media loaded
  #read = $state(false);
  #playWhenLoaded = false;
  readonly #first: () => Clip;
  readonly #watched = new WatchedRanges();

  sound = $derived.by(() => isAudioOnly(this.store.clip));
  waiting = $derived.by(() => this.#requested && (this.#plan.kind === 'wait' || this.playback.waiting));
  end = $derived.by(() => Math.max(this.playback.span.end, 0.01)); // seconds
  text = $derived.by(() => this.transcript.segments.map((s) => s.text).join(' '));
  #plan = $derived.by(() => this.loader.planFor(this.store.clip));

  constructor(first: () => Clip) {
    const clip = first();
    this.#first = first;
    this.store = new ClipStore(clip);
    this.playback = new Playback(clip.duration_ms);
    this.loader = new SourceLoader(this.playback, this.store.refresh);
    this.transcript = new TranscriptStore(clip.id);
  }

  toggle = (onPlay: () => void): void => {
    this.#requested = true;
    if (this.playback.paused) onPlay();
    if (this.loader.active) return this.playback.toggle();
    this.#playWhenLoaded = true;
    this.loader.switchTo(this.#plan);
  };

  seek(t: number): void {
    this.#requested = true;
    this.playback.seek(t);
  }

  /** Plays when play was pressed before there was anything to play. */
  onLoaded = (): void => {
    if (!this.#playWhenLoaded) return;
    this.#playWhenLoaded = false;
    this.playback.play();
  };

  toggleWords = (): void => {
    this.open = !this.open;
    if (!this.open) return;
    this.#read = true;
    if (this.transcript.load_state !== 'ready') void this.transcript.load();
  };

  /** Keeps the reply current and its element supplied while the component that calls it is mounted. */
  runEffects(media: () => HTMLMediaElement | undefined): void {
    const { store, playback, transcript } = this;
    $effect(() => store.applyClip(this.#first()));
    $effect(() => this.#follow());
    this.loader.runEffects(store, media, () => this.#requested);

    $effect(() => {
      const state = store.clip.steps.transcribe.state;
      untrack(() => this.open && transcript.load_state === 'ready' && transcript.applyStepState(state));
    });
    trackWatched(playback, this.#watched);
    $effect(() => {
      const seen = playback.started || this.#read;
      return seen ? reportViews(this.#first().id, this.#watched, () => this.#read) : undefined;
    });
  }

  /** The page's own connection carries the events of the replies to its clip, too. */
  #follow(): () => void {
    const { store, transcript } = this;
    const first = this.#first();
    return subscribeEvents(
      boot.share ? null : first.workspace_id,
      {
        'clip.updated': (e) => (store.applyEvent(e), this.open && transcript.onClipUpdated(e)),
        'clip.step': store.applyEvent,
        'transcript.segment': transcript.applySegmentEvent,
        'transcript.updated': (e) => this.open && transcript.onTranscriptUpdated(e),
        resync: () => void store.refresh().catch(() => undefined),
      },
      first.reply_to_clip_id ?? first.id,
    );
  }
}
