/** Root mean square (0–1) below which a level counts as silence: −54 dBFS. */
const SILENCE_RMS = 0.002;

/** Below this nothing comes at all: even a silent room is louder in a microphone. */
const NOTHING_RMS = 0.000001;

/** Detects that a microphone has been silent for a while, or gives nothing at all. */
export class SilenceDetector {
  #quietSince: number | null = null;
  #nothingSince: number | null = null;

  constructor(
    private patienceMs = 4000,
    private nothingMs = 2000,
  ) {}

  /** Takes a level and its time in ms; true when it has been quiet too long. */
  addLevel(rms: number, at: number): boolean {
    this.#quietSince = rms > SILENCE_RMS ? null : (this.#quietSince ?? at);
    this.#nothingSince = rms > NOTHING_RMS ? null : (this.#nothingSince ?? at);
    return isOver(this.#quietSince, at, this.patienceMs) || isOver(this.#nothingSince, at, this.nothingMs);
  }

  /** Starts over, after a pause or with another microphone. */
  reset() {
    this.#quietSince = this.#nothingSince = null;
  }
}

const isOver = (since: number | null, at: number, limit: number) => since !== null && at - since >= limit;

/** How far a meter goes (0–1) for a level: −60 dBFS is empty, −6 dBFS is full, as loudness is heard in decibels. */
export function meterLevel(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 54));
}
