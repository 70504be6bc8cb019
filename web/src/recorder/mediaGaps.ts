import type { MediaTime } from './mediaTime';
import type { MediaGap } from './messages';

/** A second encoder may begin so long (ms) before the first one has ended: it is moved to its end, and nothing is left out. */
const MOVED_MS = 300;

/** Where a second encoder's media goes, and what is missing between it and the first one's. */
export class MediaGaps {
  last: MediaGap | null = null;
  #open: { atMs: number; toMs: number } | null = null; // nothing came of the second one yet

  /** `time`: what the first one gave; `atMs`: when the second one began. Leave out what of it both have. */
  join(time: MediaTime, atMs: number): { startMs: number; skipMs: number } {
    const end = endOf(time);
    const overlap = end - atMs;
    const startMs = overlap > MOVED_MS ? atMs : Math.max(atMs, Math.ceil(end)); // times never go back
    this.#open = { atMs: end, toMs: startMs };
    return { startMs, skipMs: Math.max(0, end - startMs) };
  }

  onMedia(time: MediaTime) {
    const gap = this.#open;
    if (!gap || endOf(time) <= gap.atMs) return;
    this.#open = null;
    this.last = { number: (this.last?.number ?? 0) + 1, atMs: gap.atMs, missedMs: Math.max(0, Math.round(gap.toMs - gap.atMs)) };
  }
}

const endOf = ({ video, audio }: MediaTime) => Math.max(video?.to ?? 0, audio?.to ?? 0);
