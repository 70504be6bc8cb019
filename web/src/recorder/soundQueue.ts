/** Sound on its way to an encoder. */

/** Samples of each channel, from -1 to 1. */
export interface SoundPart {
  atMs: number; // in the file
  sampleRate: number;
  channels: Float32Array[];
}

/** So much (ms) is handed over at once: of 10 ms alone each takes longer than it lasts where the computer is busy. */
const JOINED_MS = 200;
/** More (ms) does not wait: an encoder that is so late does not come back. */
const LONGEST_MS = 30_000;
/** Parts that are further apart (ms) are not joined. */
const APART_MS = 1;

export const framesOf = (part: SoundPart) => part.channels[0]!.length;
const lengthOf = (part: SoundPart) => (framesOf(part) * 1000) / part.sampleRate;

export class SoundQueue {
  #parts: SoundPart[] = [];
  #ms = 0;
  #running: Promise<void> | null = null;
  #error: unknown = null;

  /** `encode` takes one part after the other, and is not called again before it is done. */
  constructor(private encode: (part: SoundPart) => Promise<void>) {}

  /** How much (ms) waits. */
  get waitingMs(): number {
    return this.#ms;
  }

  /** Throws what the encoder said, or that it is too late. */
  add(part: SoundPart) {
    if (this.#error) throw this.#error;
    if (this.#ms > LONGEST_MS) throw new Error('The encoder cannot keep up with the sound.');
    this.#parts.push(part);
    this.#ms += lengthOf(part);
    this.#running ??= this.#encodeAll();
  }

  /** Until all that was added is encoded; throws what the encoder said. */
  async drain() {
    await this.#running;
    if (this.#error) throw this.#error;
  }

  async #encodeAll() {
    try {
      while (this.#parts.length > 0) {
        const part = joinParts(takeTogether(this.#parts));
        await this.encode(part);
        this.#ms -= lengthOf(part);
      }
    } catch (error) {
      this.#error = error;
    }
    this.#running = null;
  }
}

/** Takes the first parts, as far as they follow each other and are of one kind. */
function takeTogether(parts: SoundPart[]): SoundPart[] {
  const taken = [parts.shift()!];
  let [last] = taken as [SoundPart];
  let ms = lengthOf(last);
  for (let next = parts[0]; next && ms < JOINED_MS && follows(last, next); next = parts[0]) {
    taken.push((last = parts.shift()!));
    ms += lengthOf(last);
  }
  return taken;
}

function follows(a: SoundPart, b: SoundPart): boolean {
  const isNext = Math.abs(a.atMs + lengthOf(a) - b.atMs) < APART_MS;
  return isNext && a.sampleRate === b.sampleRate && a.channels.length === b.channels.length;
}

function joinParts(parts: SoundPart[]): SoundPart {
  const [first] = parts as [SoundPart];
  if (parts.length === 1) return first;
  const frames = parts.reduce((n, p) => n + framesOf(p), 0);
  const channels = first.channels.map((_, c) => {
    const all = new Float32Array(frames);
    let at = 0;
    for (const part of parts) {
      all.set(part.channels[c]!, at);
      at += framesOf(part);
    }
    return all;
  });
  return { ...first, channels };
}
