import { untrack } from 'svelte';
import type { ClipStore } from '../clip/clip.svelte';
import type { Clip } from '../lib/api/client';
import type { Playback } from './playback.svelte';
import {
  isBeingReplaced,
  isLive,
  loadSource,
  planOf,
  playableOriginal,
  isSameSource,
  wantsSaveData,
  type Fault,
  type Plan,
} from './source';

const faultWindow = 20_000; // ms without a fault after which the next one is retried silently again
const retryDelay = 1_000; // ms
const probeInterval = 5_000; // ms

type Playable = Plan & { url: string };
const isPlayable = (plan: Plan | null): plan is Playable => plan?.kind === 'file' || plan?.kind === 'hls';

/**
 * Supplies a media element: chooses the source, keeps it while it plays, follows a recording into its finished state,
 * and retries a broken connection once before it reports a fault.
 */
export class SourceLoader {
  /** Why playback stopped; null while there is no fault. */
  fault = $state<Fault | null>(null);
  /** What plays now. */
  active = $state.raw<Playable | null>(null);

  #playback: Playback;
  #refresh: () => Promise<void>;
  #reloads = $state(0);
  #original = $state<string | null>(null);
  #lastFault = -Infinity;
  #resume = false;
  #broken = false;
  #isOutdated = false;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;
  #previous: Promise<void> = Promise.resolve(); // one source at a time has the element

  constructor(p: Playback, refresh: () => Promise<void>) {
    this.#playback = p;
    this.#refresh = refresh;
  }

  /** The best source for the clip as it is now. */
  planFor(clip: Clip): Plan {
    return planOf(clip, { saveData: wantsSaveData(), original: this.#original });
  }

  /**
   * Keeps an element supplied with the clip's best source while the component that calls it is mounted. With requested,
   * nothing is loaded before it says so.
   */
  runEffects(store: ClipStore, media: () => HTMLMediaElement | undefined, requested?: () => boolean): void {
    const active = $derived(requested?.() ?? true);
    const plan = $derived(this.planFor(store.clip));
    const original = $derived(plan.kind === 'wait' && store.clip.state !== 'recording' ? store.clip.media.original : null);

    $effect(() => {
      this.#playback.durationMs = isLive(store.clip) ? null : store.clip.duration_ms;
    });
    $effect(() => {
      const { clip } = store;
      untrack(() => this.followReplacement(clip));
    });
    $effect(() => {
      const next = plan;
      if (active) untrack(() => this.switchTo(next));
    });
    $effect(() => {
      const element = media();
      return element ? this.#playback.attach(element) : undefined;
    });
    $effect(() => () => this.dispose());
    $effect(() => {
      const element = media();
      return element && this.active ? this.connect(element) : undefined;
    });
    $effect(() => (active && plan.kind === 'wait' ? abortable((signal) => store.waitUntilPlayable(signal)) : undefined));
    $effect(() => {
      const element = media();
      const url = requested ? null : original; // a reply waits until it is transcoded
      return url && element ? abortable((signal) => this.tryOriginal(url, element, signal)) : undefined;
    });
  }

  /** Switches to a source only when nothing plays or the present source has failed. */
  switchTo(next: Plan): void {
    if (!isPlayable(next) || (this.active && (!this.#broken || isSameSource(this.active, next)))) return;
    this.active = next;
    this.#broken = false;
  }

  /** Loads what plays anew once it has been made again from a longer recording. */
  followReplacement(clip: Clip): void {
    if (this.active && isBeingReplaced(clip)) this.#isOutdated = true;
    if (!this.#isOutdated || clip.state !== 'ready') return;
    this.#isOutdated = false;
    this.#resume ||= !this.#playback.paused;
    void this.reload();
  }

  /** Loads the active source into the element. For an effect: reads its dependencies, returns the clean-up. */
  connect(media: HTMLMediaElement): (() => void) | undefined {
    const plan = this.active;
    void this.#reloads; // loads anew when it changes
    if (!plan) return undefined;
    const stop = new AbortController();
    let close: (() => void) | undefined;
    this.#previous = this.#previous
      .then(() => (stop.signal.aborted ? undefined : this.#loadSource(media, plan, stop.signal)))
      .then((done) => {
        if (stop.signal.aborted) done?.();
        else close = done;
      });
    return () => {
      stop.abort();
      close?.();
      this.#playback.liveEdge = null;
    };
  }

  async #loadSource(media: HTMLMediaElement, plan: Playable, signal: AbortSignal): Promise<(() => void) | undefined> {
    const p = this.#playback;
    const at = plan.kind === 'hls' && plan.live && p.time === 0 ? null : p.time;
    if (at !== null) p.seekWhenLoaded(at);
    const on = {
      fault: (why: Fault) => !signal.aborted && this.#onFault(why),
      edge: (t: number | null) => void (p.liveEdge = t),
    };
    try {
      const close = await loadSource(media, plan, at, on, signal);
      if (this.#resume && !signal.aborted) p.play();
      this.#resume = false;
      return close;
    } catch {
      on.fault('network'); // the player library did not arrive
      return undefined;
    }
  }

  #onFault(why: Fault): void {
    this.#resume ||= !this.#playback.paused;
    const first = Date.now() - this.#lastFault > faultWindow;
    this.#lastFault = Date.now();
    if (first) setTimeout(this.reload, retryDelay);
    else {
      this.fault = why;
      if (why === 'network') this.#probeServer();
    }
  }

  /** Probes the server every few seconds and continues when it is back. */
  #probeServer(): void {
    clearTimeout(this.#probeTimer);
    this.#probeTimer = setTimeout(() => {
      if (this.fault !== 'network') return;
      this.#refresh().then(this.reload, () => this.#probeServer());
    }, probeInterval);
  }

  /** Stops all retries; called when the component is destroyed. */
  dispose(): void {
    clearTimeout(this.#probeTimer);
  }

  /** Loads the source again and continues where it stopped. */
  reload = async (): Promise<void> => {
    clearTimeout(this.#probeTimer);
    this.fault = null;
    this.#broken = true;
    await this.#refresh().catch(() => undefined); // the source's own error says more than this one
    this.#reloads++;
  };

  /** For a clip that is not made playable yet: its original may be, in this browser. */
  async tryOriginal(url: string, media: HTMLMediaElement, signal: AbortSignal): Promise<void> {
    try {
      if (await playableOriginal(url, media, signal)) this.#original = url;
    } catch {
      // it is only a shortcut; the clip will be ready by itself
    }
  }
}

/** Starts work that ends with a signal; returns what aborts it. */
function abortable(start: (signal: AbortSignal) => Promise<void>): () => void {
  const abort = new AbortController();
  void start(abort.signal);
  return () => abort.abort();
}
