import { WindowMinimum } from './windowMinimum';

/** Sound is late by this (ms) for `SETTLE_MS` on end: some of it is missing, and silence takes its place. */
const GAP_MS = 100;
const SETTLE_MS = 500;

/**
 * Puts samples of sound one after the other, without a gap: when they arrive says little of when they were heard. What is
 * missing becomes silence. The picture follows the sound (`lag`), whose clock is never quite that of the computer.
 */
export class SoundTimeline {
  #end: number | null = null;
  #lag = new WindowMinimum(SETTLE_MS);

  /** Where (ms in the file) a sample belongs that was captured at `time` (ms in the file). */
  place(time: number, durationMs: number): number {
    this.#end ??= time;
    const lag = this.#lag.add(time - this.#end, time);
    if (lag >= GAP_MS && this.#lag.isSettled) this.#skip(lag);
    const at = this.#end;
    this.#end += durationMs;
    return at;
  }

  /** Silence up to `time`; returns where it begins. */
  fillUpTo(time: number): number {
    const from = this.#end ?? 0;
    this.#end = from;
    this.#skip(time - from);
    return from;
  }

  /** Where the sound ends so far; 0 before the first. */
  get end(): number {
    return this.#end ?? 0;
  }

  /** By how much (ms) what is placed now was captured later than its place says. */
  get lag(): number {
    return Number.isFinite(this.#lag.value) ? this.#lag.value : 0;
  }

  #skip(ms: number) {
    this.#end! += ms;
    this.#lag = new WindowMinimum(SETTLE_MS);
  }
}
