import type { Continuation } from './continuation';
import type { Source } from './tus';

/** The recording on this computer; it can be read at once. */
interface Recorded extends Source {
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

const STEP = 256 << 10;

/** Goes through a recording from its first byte and gives what it is as the continuation of another file. */
class Walk {
  read = 0; // bytes of the recording
  given = 0; // bytes of the continuation

  constructor(
    private recorded: Recorded,
    private continuation: Continuation,
  ) {}

  step(): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.recorded.state().bytes, this.read + STEP);
    const bytes = this.continuation.shift(this.recorded.read(this.read, end));
    this.read = end;
    this.given += bytes.length;
    return bytes;
  }
}

/**
 * A recording as what follows the first `base` bytes of an upload. It stays as it is on this computer: a file of its own,
 * that can be saved or sent alone. `begin` makes the same continuation each time.
 */
export class ContinuedSource implements Source {
  #counted: Walk;
  #marks: { given: number; read: number }[] = [];
  #sent: Walk;
  #kept: Uint8Array<ArrayBuffer>[] = []; // of the continuation, up to #sent.given
  #keptFrom = 0;

  constructor(
    private recorded: Recorded,
    private base: number,
    private begin: () => Continuation,
  ) {
    this.#counted = new Walk(recorded, begin());
    this.#sent = new Walk(recorded, begin());
  }

  state() {
    const { bytes, sealed } = this.recorded.state();
    while (this.#counted.read < bytes) {
      this.#counted.step();
      this.#marks.push({ given: this.#counted.given, read: this.#counted.read });
    }
    return { bytes: this.base + this.#counted.given, sealed };
  }

  changed() {
    return this.recorded.changed();
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const [start, end] = [from - this.base, to - this.base];
    if (start < this.#keptFrom) this.#restart();
    while (this.#sent.given < end) this.#keep(this.#sent.step(), start);
    // What gives nothing, such as an index at the end, has been read too then.
    while (this.#sent.given === this.#counted.given && this.#sent.read < this.#counted.read) this.#keep(this.#sent.step(), start);
    return this.#slice(start, end);
  }

  /** How much of the recording the server has, when it has so much of the upload. */
  recordedUpTo(durable: number): number {
    const given = durable - this.base;
    let read = 0;
    for (const mark of this.#marks) if (mark.given <= given) read = mark.read;
    return Math.min(read, this.#sent.read); // a spool may forget it: not before it has been read
  }

  #restart() {
    this.#sent = new Walk(this.recorded, this.begin());
    this.#kept = [];
    this.#keptFrom = 0;
  }

  /** Keeps a piece, and forgets those that nobody asks for any more. */
  #keep(piece: Uint8Array<ArrayBuffer>, from: number) {
    this.#kept.push(piece);
    while (this.#kept.length > 0 && this.#keptFrom + this.#kept[0]!.length <= from) this.#keptFrom += this.#kept.shift()!.length;
  }

  #slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(end - start);
    let at = this.#keptFrom;
    for (const piece of this.#kept) {
      const part = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
      if (part.length > 0) out.set(part, Math.max(0, at - start));
      at += piece.length;
    }
    return out;
  }
}
