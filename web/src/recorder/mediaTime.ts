/**
 * How many seconds of sound and picture are in the bytes an encoder gave: bytes alone prove nothing, a file's head has no
 * second in it. Reads the times of WebM, fragmented MP4 and Ogg as they grow; the samples themselves are skipped.
 */
import { ByteQueue } from './byteQueue';
import { readMp4 } from './mp4Time';
import { readOgg } from './oggTime';
import { readWebm } from './webmTime';

/** The times of one track: ms from the first sample to the end of the last one, as far as the file says it. */
export interface TrackTime {
  from: number;
  to: number;
  samples: number;
}

export interface MediaTime {
  /** false: a file of another kind, or one that is damaged; its bytes are all that is known. */
  isKnown: boolean;
  ms: number; // of media in all
  video: TrackTime | null;
  audio: TrackTime | null;
}

export const noMedia: MediaTime = { isKnown: true, ms: 0, video: null, audio: null };

export type TrackKind = 'video' | 'audio';

/** What a reader of one container finds. */
export interface Timeline {
  addSample(kind: TrackKind, from: number, to: number, samples?: number): void;
  /** What is read now is of use only as a whole, which ends at this position. */
  beginUnit(end: number): void;
}

/** Reads one unit of the container; false: more bytes are needed. Throws when the bytes make no sense. */
export type ContainerReader = (bytes: ByteQueue, timeline: Timeline) => boolean;

/** More than this without a time in it is no file that is read here. */
const UNREADABLE_BYTES = 1 << 18;

interface Sample {
  kind: TrackKind;
  from: number;
  to: number;
  samples: number;
}

export class MediaTimeParser implements Timeline {
  #bytes = new ByteQueue();
  #read: ContainerReader | null = null;
  #isKnown = true;
  #total = 0; // bytes
  #tracks: Partial<Record<TrackKind, TrackTime>> = {};
  #unitEnd = 0; // the position at which what is read now is complete
  #incomplete: Sample[] = []; // of it
  #wholeBytes = 0;

  append(bytes: Uint8Array): MediaTime {
    this.#total += bytes.length;
    if (this.#isKnown) this.#readAll(bytes);
    return this.time;
  }

  /** Bytes up to the end of the last complete unit; all of them in a file that is not read here. */
  get wholeBytes() {
    return this.#isKnown ? this.#wholeBytes : this.#total;
  }

  /** Seconds in complete units. */
  get time(): MediaTime {
    const { video = null, audio = null } = this.#tracks;
    const tracks = [video, audio].filter((t) => t !== null);
    const ms = tracks.length ? Math.max(...tracks.map((t) => t.to)) - Math.min(...tracks.map((t) => t.from)) : 0;
    const isKnown = this.#isKnown && (tracks.length > 0 || this.#total < UNREADABLE_BYTES);
    return { isKnown, ms, video: video && { ...video }, audio: audio && { ...audio } };
  }

  /** Forgets what came of a unit whose end will never come. */
  dropIncomplete() {
    this.#total = this.wholeBytes;
    this.#incomplete = [];
    this.#unitEnd = this.#wholeBytes;
    this.#bytes.cutAt(this.#wholeBytes);
  }

  addSample(kind: TrackKind, from: number, to: number, samples = 1) {
    this.#incomplete.push({ kind, from, to, samples });
  }

  beginUnit(end: number) {
    this.#unitEnd = this.#unitEnd === Infinity ? end : Math.max(this.#unitEnd, end); // a group of blocks is within a cluster
  }

  #readAll(bytes: Uint8Array) {
    this.#bytes.push(bytes);
    try {
      this.#read ??= readerOf(this.#bytes);
      do this.#completeUnit();
      while (this.#read?.(this.#bytes, this));
    } catch {
      this.#isKnown = false;
      this.#bytes.clear();
    }
  }

  #completeUnit() {
    const { position, received } = this.#bytes;
    if (position < this.#unitEnd || position > received) return;
    this.#wholeBytes = position;
    for (const sample of this.#incomplete.splice(0)) this.#count(sample);
  }

  #count({ kind, from, to, samples }: Sample) {
    const track = (this.#tracks[kind] ??= { from, to, samples: 0 });
    track.from = Math.min(track.from, from);
    track.to = Math.max(track.to, to);
    track.samples += samples;
  }
}

/** The reader of the container that begins so; null while too little of it is there. */
function readerOf(bytes: ByteQueue): ContainerReader | null {
  const head = bytes.peek(8);
  if (!head) return null;
  const text = String.fromCharCode(...head);
  if (text.startsWith('OggS')) return readOgg();
  if (text.startsWith('\x1a\x45\xdf\xa3')) return readWebm();
  if (text.slice(4) === 'ftyp') return readMp4();
  throw new Error('not a container that is read here');
}
