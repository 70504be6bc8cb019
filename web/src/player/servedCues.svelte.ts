import { untrack } from 'svelte';
import type { ClipStore } from '../clip/clip.svelte';
import type { Clip } from '../lib/api/client';
import { parseCaptions } from './captionsFile';
import type { Cue } from './cues';

const reloadDelay = 400; // ms after a change of the transcript: corrections follow each other

/**
 * The cues that the server cuts from a complete transcript. They are loaded when captions are first shown, and again
 * when the transcript has changed; the present ones stay until the new ones are there. Where there are none, because the
 * transcript is still being written or they did not load, the page shows those it cuts itself.
 */
export class ServedCues {
  #served = $state.raw<Cue[] | null>(null);
  #servedFor: readonly Cue[] | null = null; // the page's own cues when these were loaded: they change with the transcript
  #followed = false; // captions were shown before: what comes now is a change

  /** The cues to show. */
  choose(own: Cue[]): Cue[] {
    return this.#served ?? own;
  }

  /** Keeps the cues current while the component that calls it is mounted. */
  runEffects(store: ClipStore, player: () => { own: Cue[]; shown: boolean }): void {
    const url = $derived(captionsURL(store.clip));
    $effect(() => {
      const [from, { own, shown }] = [url, player()];
      return untrack(() => this.#follow(from, own, shown));
    });
  }

  /** Loads the cues if they are needed. Returns what cancels it. */
  #follow(url: string | null, own: readonly Cue[], shown: boolean): (() => void) | undefined {
    const delay = this.#followed ? reloadDelay : 0;
    this.#followed ||= shown && own.length > 0;

    if (url === null || own.length === 0) return this.#replace(null, null);
    if (!shown || this.#servedFor === own) return undefined;

    const stop = new AbortController();
    const timer = setTimeout(() => void this.#load(url, own, stop.signal), delay);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }

  async #load(url: string, own: readonly Cue[], signal: AbortSignal): Promise<void> {
    const cues = await fetchCues(url, signal);
    if (!signal.aborted) this.#replace(cues, cues && own);
  }

  #replace(cues: Cue[] | null, own: readonly Cue[] | null): undefined {
    this.#served = cues;
    this.#servedFor = own;
  }
}

/** Where the cues of a complete transcript are, masked where the page masks; null while it is being written. */
export function captionsURL(clip: Clip): string | null {
  const url = clip.media.captions_vtt;
  if (url === null || clip.steps.transcribe.state !== 'done') return null;
  return `${url}${url.includes('?') ? '&' : '?'}masked=true`;
}

/** The cues at an address; null when they cannot be had. */
async function fetchCues(url: string, signal: AbortSignal): Promise<Cue[] | null> {
  try {
    const r = await fetch(url, { signal });
    return r.ok ? parseCaptions(await r.text()) : null;
  } catch {
    return null;
  }
}
