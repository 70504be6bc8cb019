import type { SpoolMedia } from './messages';
import type { MediaTime } from './mediaTime';

/** What is on its way from the microphone into the audio graph (ms, in the file's times): it is said before the click, and comes after it. */
const INPUT_MS = 200;
/** The same as the graph sees it: its own input queue holds less than this (s). */
const GRAPH_INPUT = 0.3;
/** Where the file does not tell (MP4 gives whole fragments alone), at least so long (ms). */
const SETTLE_MS = 500;
/** No longer than this (ms), as people wait for it … */
export const LONGEST_DRAIN_MS = 2000;
/** … unless an encoder that is further behind catches up, for which the file must have grown so recently (ms); then this long (ms). */
const GROWN_MS = 1500;
export const LONGEST_CATCH_UP_MS = 8000;

const CHECK_MS = 40;
const REMEMBERED_LAGS = 4;

/** The clock (s) of the audio graph that the sound comes through; null where it comes without one. */
interface Clocked {
  graphTime(): number | null;
}

/** How much sound there is, or picture where there is no sound: pictures may rest. */
const reachedMs = ({ isKnown, audio, video }: MediaTime): number => (isKnown ? ((audio ?? video)?.to ?? 0) : 0);

/**
 * At Stop and Pause an encoder throws away what is still on its way to it: in the audio graph, in the worker that composes
 * pictures, in its own queue. So it runs on until what was captured before the click is in the file, or has had the time to be.
 */
export class CaptureDrain {
  #startedAt = 0;
  #endMs = 0; // the recorder's clock at the click
  #capture: Clocked | null = null;
  #graphFrom: number | null = null; // s
  #then: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #checkedAt = 0;
  #lateness = 0; // ms; of a page that is too busy to run when it should
  #reached = 0; // ms, where the file ends
  #grownAt = 0; // when that was last further on
  #lags: number[] = []; // how far (ms) the file was behind the clock when it grew
  #ms = 0;

  get isRunning(): boolean {
    return this.#then !== null;
  }

  /** How much (ms) was recorded after the click. */
  get ms(): number {
    return this.isRunning ? performance.now() - this.#startedAt : this.#ms;
  }

  /**
   * Calls `then` when what was captured until now, `endMs` by the recorder's clock, has come through: at once where all has
   * since another click. While it runs already, `then` alone is another.
   */
  begin(endMs: number, capture: Clocked | null, then: () => void) {
    const wasRunning = this.isRunning;
    if (!wasRunning && this.#ms > 0) return then();
    this.#then = then;
    if (wasRunning) return;
    this.#endMs = endMs;
    this.#capture = capture;
    this.#graphFrom = capture?.graphTime() ?? null;
    this.#lateness = 0;
    this.#startedAt = this.#checkedAt = performance.now();
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  /** What is in the file now, by the recorder's clock. */
  addMedia(media: SpoolMedia | null, clockMs: number) {
    const reached = media ? reachedMs(media.time) : 0;
    if (reached <= this.#reached) return;
    this.#reached = reached;
    this.#grownAt = performance.now();
    if (this.isRunning) return this.#check();
    this.#lags = [...this.#lags, clockMs - reached].slice(-REMEMBERED_LAGS);
  }

  /** Waits no longer. */
  finish() {
    if (!this.#then) return;
    const then = this.#then;
    this.cancel();
    then();
  }

  /** Waits no longer, and does nothing. */
  cancel() {
    this.#ms = this.ms;
    this.#then = null;
    clearInterval(this.#timer);
  }

  /** The recording goes on: returns what was recorded after the click (ms), which now counts like all else. */
  resume(): number {
    this.cancel();
    const ms = this.#ms;
    this.#ms = 0;
    return ms;
  }

  /** For another file. */
  reset() {
    this.resume();
    this.#reached = 0;
    this.#lags = [];
  }

  #check() {
    const now = performance.now();
    this.#lateness = Math.max(this.#lateness, now - this.#checkedAt - CHECK_MS);
    this.#checkedAt = now;
    const waited = now - this.#startedAt;
    const longest = now - this.#grownAt < GROWN_MS ? LONGEST_CATCH_UP_MS : LONGEST_DRAIN_MS;
    if (this.#reached >= this.#endMs + INPUT_MS || this.#hasSettled(waited) || waited >= longest) this.finish();
  }

  #hasSettled(waited: number): boolean {
    const lag = this.#lags.length ? Math.max(0, Math.min(...this.#lags)) : 0;
    if (waited < Math.max(SETTLE_MS, INPUT_MS + 2 * lag) + this.#lateness) return false;
    const graph = this.#capture?.graphTime() ?? null;
    return graph === null || this.#graphFrom === null || graph - this.#graphFrom >= GRAPH_INPUT;
  }
}
