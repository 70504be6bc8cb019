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
}

/** Reads one unit of the container; false: more bytes are needed. Throws when the bytes make no sense. */
export type ContainerReader = (bytes: ByteQueue, timeline: Timeline) => boolean;

/** More than this without a time in it is no file that is read here. */
const UNREADABLE_BYTES = 1 << 18;

export class MediaTimeParser implements Timeline {
  #bytes = new ByteQueue();
  #read: ContainerReader | null = null;
  #isKnown = true;
  #total = 0; // bytes
  #tracks: Partial<Record<TrackKind, TrackTime>> = {};

  append(bytes: Uint8Array): MediaTime {
    this.#total += bytes.length;
    if (this.#isKnown) this.#readAll(bytes);
    return this.time;
  }

  get time(): MediaTime {
    const { video = null, audio = null } = this.#tracks;
    const tracks = [video, audio].filter((t) => t !== null);
    const ms = tracks.length ? Math.max(...tracks.map((t) => t.to)) - Math.min(...tracks.map((t) => t.from)) : 0;
    const isKnown = this.#isKnown && (tracks.length > 0 || this.#total < UNREADABLE_BYTES);
    return { isKnown, ms, video: video && { ...video }, audio: audio && { ...audio } };
  }

  addSample(kind: TrackKind, from: number, to: number, samples = 1) {
    const track = (this.#tracks[kind] ??= { from, to, samples: 0 });
    track.from = Math.min(track.from, from);
    track.to = Math.max(track.to, to);
    track.samples += samples;
  }

  #readAll(bytes: Uint8Array) {
    this.#bytes.push(bytes);
    try {
      this.#read ??= readerOf(this.#bytes);
      while (this.#read?.(this.#bytes, this));
    } catch {
      this.#isKnown = false;
      this.#bytes.clear();
    }
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
