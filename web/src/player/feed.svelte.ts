import type { Clip } from '../lib/api/client';
import type { Playback } from './playback.svelte';
import { load, planOf, playableOriginal, same, sparing, type Fault, type Plan } from './source';

const calm = 20_000; // ms without a fault after which the next one is again mended silently
const firstWait = 1_000; // ms
const knockEvery = 5_000; // ms

type Playable = Plan & { url: string };
const playable = (plan: Plan | null): plan is Playable => plan?.kind === 'file' || plan?.kind === 'hls';

/**
 * Keeps a media element fed: chooses the source, stays with it while it plays, follows a recording into its
 * finished state, and mends a broken connection once by itself before it says that something is wrong.
 */
export class Feed {
  /** Why nothing plays any more; null while all is well. */
  fault = $state<Fault | null>(null);
  /** What plays now. */
  active = $state.raw<Playable | null>(null);

  #p: Playback;
  #refresh: () => Promise<void>;
  #round = $state(0);
  #original = $state<string | null>(null);
  #lastFault = -Infinity;
  #resume = false;
  #stuck = false;
  #knocking: ReturnType<typeof setTimeout> | undefined;
  #before: Promise<void> = Promise.resolve(); // one source at a time has the element

  constructor(p: Playback, refresh: () => Promise<void>) {
    this.#p = p;
    this.#refresh = refresh;
  }

  /** The best source for the clip as it is now. */
  plan(clip: Clip): Plan {
    return planOf(clip, { sparing: sparing(), original: this.#original });
  }

  /** Moves on to a source only when nothing plays, or what played broke. */
  follow(next: Plan): void {
    if (!playable(next) || (this.active && (!this.#stuck || same(this.active, next)))) return;
    this.active = next;
    this.#stuck = false;
  }

  /** Connects the element to what is active. For an effect: reads what it depends on, answers the clean-up. */
  connect(media: HTMLMediaElement): (() => void) | undefined {
    const plan = this.active;
    void this.#round; // loads anew when it changes
    if (!plan) return undefined;
    const stop = new AbortController();
    let close: (() => void) | undefined;
    this.#before = this.#before
      .then(() => (stop.signal.aborted ? undefined : this.#start(media, plan, stop.signal)))
      .then((done) => {
        if (stop.signal.aborted) done?.();
        else close = done;
      });
    return () => {
      stop.abort();
      close?.();
      this.#p.edge = null;
    };
  }

  async #start(media: HTMLMediaElement, plan: Playable, signal: AbortSignal): Promise<(() => void) | undefined> {
    const p = this.#p;
    const at = plan.kind === 'hls' && plan.live && p.time === 0 ? null : p.time;
    if (at !== null) p.expect(at);
    const on = {
      fault: (why: Fault) => !signal.aborted && this.#broke(why),
      edge: (t: number | null) => void (p.edge = t),
    };
    try {
      const close = await load(media, plan, at, on, signal);
      if (this.#resume && !signal.aborted) p.play();
      this.#resume = false;
      return close;
    } catch {
      on.fault('network'); // the player library did not arrive
      return undefined;
    }
  }

  #broke(why: Fault): void {
    this.#resume ||= !this.#p.paused;
    const first = Date.now() - this.#lastFault > calm;
    this.#lastFault = Date.now();
    if (first) setTimeout(this.again, firstWait);
    else {
      this.fault = why;
      if (why === 'network') this.#knock();
    }
  }

  /** Asks every few seconds whether the server is back, and then goes on by itself. */
  #knock(): void {
    clearTimeout(this.#knocking);
    this.#knocking = setTimeout(() => {
      if (this.fault !== 'network') return;
      this.#refresh().then(this.again, () => this.#knock());
    }, knockEvery);
  }

  /** The page is left: nothing is mended any more. */
  end(): void {
    clearTimeout(this.#knocking);
  }

  /** Loads anew and goes on where it stopped. */
  again = async (): Promise<void> => {
    clearTimeout(this.#knocking);
    this.fault = null;
    this.#stuck = true;
    await this.#refresh().catch(() => undefined); // the source's own error says more than this one
    this.#round++;
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
