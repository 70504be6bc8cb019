/** The least value of late, in two halves of a window: what is older than both is forgotten. */
export class WindowMinimum {
  #before = Infinity;
  #now = Infinity;
  #since: number | null = null;
  #halves = 0;

  /** `halfMs`: half of the window, which therefore covers between one and two halves. */
  constructor(private halfMs: number) {}

  add(value: number, atMs: number): number {
    this.#since ??= atMs;
    if (atMs - this.#since >= this.halfMs) {
      this.#before = this.#now;
      this.#now = Infinity;
      this.#since = atMs;
      this.#halves++;
    }
    this.#now = Math.min(this.#now, value);
    return this.value;
  }

  get value(): number {
    return Math.min(this.#before, this.#now);
  }

  /** A whole half has passed: the least value is no single one's chance. */
  get isSettled(): boolean {
    return this.#halves > 0;
  }
}
