import { merge, type Span } from '../player/timeline';

/** What one sitting watched, as the server wants it: stretches in ms. */
export class Watched {
  #done: Span[] = [];
  #open: Span | null = null;
  #told = '';

  /** The playhead stands at `t` seconds while playing. A jump begins a new stretch. */
  note(t: number, rate = 1): void {
    const jump = 1.5 * Math.max(1, rate);
    if (this.#open && t >= this.#open.end && t - this.#open.end <= jump) this.#open.end = t;
    else {
      this.stop();
      this.#open = { start: t, end: t };
    }
  }

  /** Playback stopped, or went elsewhere. */
  stop(): void {
    if (this.#open) this.#done = merge([...this.#done, this.#open], 1, 500);
    this.#open = null;
  }

  get ranges(): [number, number][] {
    const all = this.#open ? [...this.#done, this.#open] : this.#done;
    return merge(all, 1, 500).map((s) => [Math.round(s.start * 1000), Math.round(s.end * 1000)]);
  }

  /** The ranges if they say something that was not yet told, else null. */
  news(read: boolean): [number, number][] | null {
    const ranges = this.ranges;
    const text = JSON.stringify([ranges, read]);
    if (text === this.#told || (ranges.length === 0 && !read)) return null;
    this.#told = text;
    return ranges;
  }

  /** What was told did not arrive: tell it again. */
  forget(): void {
    this.#told = '';
  }
}
