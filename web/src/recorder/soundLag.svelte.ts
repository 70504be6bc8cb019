/** How much (ms) of the last seconds' sound may be missing before it is said. */
const MOST_MISSING = 500;
const LOOK_BACK = 5000; // ms
/** Between two looks of a page that was frozen lies more than this (ms). */
const FROZEN = 2500;

/** Compares the clock of the sound with the one on the wall: what a busy computer does not make in time is missing in the recording. */
export class SoundLag {
  isLate = $state(false);
  #looks: { wall: number; sound: number }[] = [];

  /** Takes both clocks (ms); to be called several times a second. */
  addLook(wall: number, sound: number) {
    if (wall - (this.#looks.at(-1)?.wall ?? wall) > FROZEN) this.#looks = [];
    this.#looks.push({ wall, sound });
    while (this.#looks[1] && wall - this.#looks[1].wall >= LOOK_BACK) this.#looks.shift();
    const first = this.#looks[0]!;
    this.isLate = wall - first.wall - (sound - first.sound) > MOST_MISSING;
  }
}
