import { WindowMinimum } from './windowMinimum';

/** The offset between two clocks is looked for anew so often (ms), so that it follows what is missing, and their drift. */
const HALF_MS = 500;

/**
 * When samples of a track were captured, on the clock of this computer. Their own timestamps count from anywhere but are
 * exact; when they arrive is known on the right clock but is late now and then. The one that was least late tells the offset.
 */
export class CaptureClock {
  #offset = new WindowMinimum(HALF_MS);

  timeOf(timestampMs: number, arrivedAt: number): number {
    const offset = arrivedAt - timestampMs;
    return timestampMs + this.#offset.add(offset, arrivedAt);
  }
}

/** What the stamps of sound are later than this clock is looked for anew so often (ms): it is the same as a rule. */
const STAMPED_HALF_MS = 15_000;
/** More (ms) waits for nobody: stamps that say so are of another clock. */
const LONGEST_WAIT_MS = 12_000;

/**
 * When sound was captured that waits for a busy page, second after second: all of it arrives late then, and only its stamps,
 * which it had before, tell by how much.
 */
export class StampedClock {
  #clock = new CaptureClock();
  #offset = new WindowMinimum(STAMPED_HALF_MS);

  /** `heardMs`: of sound before it; `stampMs`: its stamp. */
  timeOf(heardMs: number, stampMs: number, arrivedAt: number): number {
    const givenAt = stampMs + this.#offset.add(arrivedAt - stampMs, arrivedAt);
    if (arrivedAt - givenAt <= LONGEST_WAIT_MS) return this.#clock.timeOf(heardMs, givenAt);
    this.#offset = new WindowMinimum(STAMPED_HALF_MS);
    return this.#clock.timeOf(heardMs, arrivedAt);
  }
}

/** The time of a file that is written while people pause: pauses are not in it. */
export class PausedClock {
  #pauses: { from: number; to: number }[] = [];

  constructor(private startedAt: number) {}

  pause(at: number) {
    if (!this.isPaused) this.#pauses.push({ from: at, to: Infinity });
  }

  resume(at: number) {
    const last = this.#pauses.at(-1);
    if (last?.to === Infinity) last.to = at;
  }

  get isPaused(): boolean {
    return this.pausedAt !== null;
  }

  /** When the pause began that goes on. */
  get pausedAt(): number | null {
    const last = this.#pauses.at(-1);
    return last?.to === Infinity ? last.from : null;
  }

  /** Ms in the file of what was captured then; null: in a pause, or before the start. */
  timeOf(capturedAt: number): number | null {
    let time = capturedAt - this.startedAt;
    if (time < 0) return null;
    for (const { from, to } of this.#pauses) {
      if (capturedAt < from) break;
      if (capturedAt < to) return null;
      time -= to - from;
    }
    return time;
  }
}
