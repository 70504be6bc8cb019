/** An encoder that was stopped has this time (ms) for its last bytes, and again after each: one that does not answer is not waited for any longer, … */
export const STOP_MS = 4000;
/** … nor is one that is so far (ms) behind in all. */
export const LONGEST_STOP_MS = 30_000;

/** How long an encoder that was stopped is waited for: what it still has is nowhere else. */
export class StopDeadline {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;
  #then = () => {};

  get hasBegun(): boolean {
    return this.#timer !== undefined;
  }

  begin(then: () => void) {
    this.#then = then;
    this.#latest = performance.now() + LONGEST_STOP_MS;
    this.#timer = setTimeout(then, STOP_MS);
  }

  /** Some of it came. */
  extend() {
    if (!this.hasBegun) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#then, Math.min(STOP_MS, this.#latest - performance.now()));
  }

  clear() {
    clearTimeout(this.#timer);
  }
}
