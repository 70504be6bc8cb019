import { concatBytes } from './byteQueue';

/** A unit that is larger (bytes) is not waited for. */
const LARGEST_UNIT = 8 << 20;

/**
 * Holds the beginning of a block or a fragment back until its end has come: an encoder may die in between, and what another
 * one gives would be read as the rest of it.
 */
export class UnitBuffer {
  #held = new Uint8Array();
  #passed = 0; // bytes

  /** Takes what came; returns what there is within the first `whole` bytes of all. */
  take(bytes: Uint8Array<ArrayBuffer>, whole: number): Uint8Array<ArrayBuffer> {
    const all = this.#held.length > 0 ? concatBytes([this.#held, bytes]) : bytes;
    const length = all.length > LARGEST_UNIT ? all.length : Math.max(0, whole - this.#passed);
    this.#held = all.slice(length);
    this.#passed += Math.min(length, all.length);
    return all.subarray(0, length);
  }

  /** The rest of what is held will never come. */
  drop() {
    this.#held = new Uint8Array();
  }
}
