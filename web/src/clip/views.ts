import { mergeSpans, type Span } from '../player/timeline';

/** What was watched on this page, as the server expects it: ranges in ms. */
export class WatchedRanges {
  #closedRanges: Span[] = [];
  #openRange: Span | null = null;
  #reported = '';

  /** The playhead is at `t` seconds while playing. A jump begins a new range. */
  addPosition(t: number, rate = 1): void {
    const jump = 1.5 * Math.max(1, rate);
    if (this.#openRange && t >= this.#openRange.end && t - this.#openRange.end <= jump) this.#openRange.end = t;
    else {
      this.endRange();
      this.#openRange = { start: t, end: t };
    }
  }

  /** Playback stopped or jumped. */
  endRange(): void {
    if (this.#openRange) this.#closedRanges = mergeSpans([...this.#closedRanges, this.#openRange], 1, 500);
    this.#openRange = null;
  }

  get ranges(): [number, number][] {
    const all = this.#openRange ? [...this.#closedRanges, this.#openRange] : this.#closedRanges;
    return mergeSpans(all, 1, 500).map((s) => [Math.round(s.start * 1000), Math.round(s.end * 1000)]);
  }

  /** The ranges if they contain something that was not reported yet, else null. */
  takeUnreported(read: boolean): [number, number][] | null {
    const ranges = this.ranges;
    const text = JSON.stringify([ranges, read]);
    if (text === this.#reported || (ranges.length === 0 && !read)) return null;
    this.#reported = text;
    return ranges;
  }

  /** The last report did not arrive: it is made again. */
  markUnreported(): void {
    this.#reported = '';
  }
}
