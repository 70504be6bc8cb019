import type { MediaTime } from './mediaTime';

/** So long (ms) without a second of media is a standstill. */
export const STALL_MS = 5000;

/** Pictures are counted over this much of the media (ms). */
const COUNTED_MS = 5000;

/** The clock of a page that was frozen jumps by more than this (ms); the encoder stood still with it. */
const FROZEN_MS = 2500;

/** Watches what an encoder gives: whether it goes on, and how many pictures a second it makes. */
export class EncoderMonitor {
  #media = 0; // ms
  #movedAt: number; // recorded time at which media grew last
  #seenAt: number; // recorded time of the last look
  #counted: { ms: number; samples: number }[] = [];

  /** `from`: the recorder's clock when the encoder began. */
  constructor(from = 0) {
    this.#movedAt = this.#seenAt = from;
  }

  /** `elapsed` is the recorder's clock, which pauses do not move. Returns since when (ms of media) nothing comes, or null. */
  stalledSince(elapsed: number, time: MediaTime): number | null {
    if (elapsed - this.#seenAt > FROZEN_MS || time.ms > this.#media || !time.isKnown) this.#movedAt = elapsed;
    this.#media = Math.max(this.#media, time.ms);
    this.#seenAt = elapsed;
    return elapsed - this.#movedAt >= STALL_MS ? this.#media : null;
  }

  /** Pictures a second lately; null while too little of it has been seen. */
  picturesPerSecond(time: MediaTime): number | null {
    const now = time.video && { ms: time.video.to, samples: time.video.samples };
    if (!now || !time.isKnown) return null;
    if (this.#counted.at(-1)?.samples !== now.samples) this.#counted.push(now);
    while (this.#counted[1] && now.ms - this.#counted[1].ms >= COUNTED_MS) this.#counted.shift();
    const first = this.#counted[0]!;
    const ms = now.ms - first.ms;
    return ms >= COUNTED_MS ? ((now.samples - first.samples) * 1000) / ms : null;
  }

  /** Forgets the pictures counted so far: another load is on the encoder now. */
  resetPictures() {
    this.#counted = [];
  }
}
