/** The largest unit that is looked at in one piece; larger ones can only be skipped. */
const LARGEST_PEEK = 1 << 20;

/** Bytes that come in parts and are read in units. Only what is peeked at is kept; what is skipped is not. */
export class ByteQueue {
  #bytes = new Uint8Array();
  #skip = 0; // bytes still to come that nobody wants
  #received = 0; // in all

  push(bytes: Uint8Array) {
    this.#received += bytes.length;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    const rest = bytes.subarray(skipped);
    if (this.#bytes.length === 0) {
      this.#bytes = rest.slice();
      return;
    }
    const all = new Uint8Array(this.#bytes.length + rest.length);
    all.set(this.#bytes);
    all.set(rest, this.#bytes.length);
    this.#bytes = all;
  }

  get length() {
    return this.#bytes.length;
  }

  /** Where the next byte stands that is not read or left out yet; it may be still to come. */
  get position() {
    return this.#received - this.#bytes.length + this.#skip;
  }

  /** Bytes that came in all. */
  get received() {
    return this.#received;
  }

  /** The next n bytes, which stay; null when they are not all there. */
  peek(n: number): Uint8Array | null {
    if (n > LARGEST_PEEK) throw new RangeError('a unit of this size is not read');
    return n <= this.#bytes.length ? this.#bytes.subarray(0, n) : null;
  }

  /** The next bytes, n at most, which are taken out. */
  take(n: number): Uint8Array {
    const taken = this.#bytes.subarray(0, n);
    this.#bytes = this.#bytes.subarray(taken.length);
    return taken;
  }

  /** Leaves n bytes out, also those that are still to come. */
  skip(n: number) {
    if (!(n >= 0)) throw new RangeError('cannot go back');
    const here = Math.min(n, this.#bytes.length);
    this.#bytes = this.#bytes.subarray(here);
    this.#skip += n - here;
  }

  clear() {
    this.#bytes = new Uint8Array();
    this.#skip = 0;
  }

  /** Forgets that anything came after the first `whole` bytes. */
  cutAt(whole: number) {
    this.clear();
    this.#received = whole;
  }
}

export function concatBytes(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A 64-bit number as far as JavaScript counts exactly, which is 285,000 years of milliseconds. */
export const readUint64 = (view: DataView, at: number) => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
