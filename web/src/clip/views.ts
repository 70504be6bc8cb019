import { mergeSpans, type Span } from '../player/timeline';

/** What one sitting watched, as the server wants it: stretches in ms. */
export class WatchedRanges {
  #closedRanges: Span[] = [];
  #openRange: Span | null = null;
  #reported = '';

  /** The playhead stands at `t` seconds while playing. A jump begins a new stretch. */
  addPosition(t: number, rate = 1): void {
    const jump = 1.5 * Math.max(1, rate);
    if (this.#openRange && t >= this.#openRange.end && t - this.#openRange.end <= jump) this.#openRange.end = t;
    else {
      this.endRange();
      this.#openRange = { start: t, end: t };
    }
  }

  /** Playback stopped, or went elsewhere. */
  endRange(): void {
    if (this.#openRange) this.#closedRanges = mergeSpans([...this.#closedRanges, this.#openRange], 1, 500);
    this.#openRange = null;
  }

  get ranges(): [number, number][] {
    const all = this.#openRange ? [...this.#closedRanges, this.#openRange] : this.#closedRanges;
    return mergeSpans(all, 1, 500).map((s) => [Math.round(s.start * 1000), Math.round(s.end * 1000)]);
  }

  /** The ranges if they say something that was not yet told, else null. */
  takeUnreported(read: boolean): [number, number][] | null {
    const ranges = this.ranges;
    const text = JSON.stringify([ranges, read]);
    if (text === this.#reported || (ranges.length === 0 && !read)) return null;
    this.#reported = text;
    return ranges;
  }

  /** What was told did not arrive: tell it again. */
  markUnreported(): void {
    this.#reported = '';
  }
}
