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

/** Root mean square (0–1) that a voice reaches in front of a microphone: −40 dBFS. */
const VOICE_RMS = 0.01;

/** Detects that somebody has spoken: a knock is shorter, a humming fan quieter. */
export class VoiceDetector {
  #loudAt: number[] = []; // times (ms) of loud levels

  constructor(
    private levels = 6, // of twenty a second
    private withinMs = 2000,
  ) {}

  /** Takes a level and its time in ms; true when enough of the last ones were a voice's. */
  addLevel(rms: number, at: number): boolean {
    this.#loudAt = this.#loudAt.filter((t) => at - t < this.withinMs);
    if (rms >= VOICE_RMS) this.#loudAt.push(at);
    return this.#loudAt.length >= this.levels;
  }

  /** Starts over, with another microphone. */
  reset() {
    this.#loudAt = [];
  }
}

const isOver = (since: number | null, at: number, limit: number) => since !== null && at - since >= limit;

/** How far a meter goes (0–1) for a level: −60 dBFS is empty, −6 dBFS is full, as loudness is heard in decibels. */
export function meterLevel(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 54));
}
