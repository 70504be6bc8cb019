/** Root mean square (0–1) below which a level counts as silence: −54 dBFS. */
const SILENCE_RMS = 0.002;

/** Detects that a microphone has been silent for a while. */
export class SilenceDetector {
  #since: number | null = null;

  constructor(private patienceMs = 4000) {}

  /** Takes a level and its time in ms; true when it has been quiet too long. */
  addLevel(rms: number, at: number): boolean {
    if (rms > SILENCE_RMS) this.#since = null;
    else this.#since ??= at;
    return this.#since !== null && at - this.#since >= this.patienceMs;
  }

  /** Starts over, after a pause or with another microphone. */
  reset() {
    this.#since = null;
  }
}

/** How far a meter goes (0–1) for a level: −60 dBFS is empty, −6 dBFS is full, as loudness is heard in decibels. */
export function meterLevel(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 54));
}
