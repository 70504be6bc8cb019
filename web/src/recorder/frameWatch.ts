/** Looks at which a camera has given nothing in a row make it still. By looks, not by time: a busy computer has few of both. */
const STILL_LOOKS = 15;

/** Whether a camera that is open gives pictures: browsers do not say when none comes. */
export class FrameWatch {
  #looks = 0; // since the last picture
  #isStill = false;

  /** `onChange`: no picture has come for so many looks, or one has come again. */
  constructor(private onChange: (isStill: boolean) => void) {}

  /** Another camera takes its place: nothing is known of that. */
  reset() {
    this.#looks = 0;
    this.#isStill = false;
  }

  addFrame() {
    this.#looks = 0;
    this.#setStill(false);
  }

  /** To be called at a steady rate. */
  look() {
    this.#looks++;
    if (this.#looks >= STILL_LOOKS) this.#setStill(true);
  }

  #setStill(isStill: boolean) {
    if (isStill === this.#isStill) return;
    this.#isStill = isStill;
    this.onChange(isStill);
  }
}
