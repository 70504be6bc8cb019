import { ByteQueue } from './byteQueue';
import { DEFAULT_SCALE, ids, peekElement, peekNumber, type ElementHead } from './ebml';

export interface WebmTrack {
  number: number;
  kind: number; // TrackType: 1 video, 2 audio
}

const containers = new Set([ids.segment, ids.info, ids.tracks, ids.trackEntry]);

/** What a WebM file says of itself before its first cluster. */
export class WebmHead {
  scale = DEFAULT_SCALE; // ns of one tick
  tracks: WebmTrack[] = [];
  isOpen = false; // its Segment has no end: clusters can follow for ever

  /** Reads one element of the head, or leaves it out; false: more bytes are needed. */
  readElement(bytes: ByteQueue, element: ElementHead): boolean {
    if (element.id === ids.segment) this.isOpen = element.size === Infinity;
    if (element.id === ids.trackEntry) this.tracks.push({ number: 0, kind: 0 });
    if (containers.has(element.id)) {
      bytes.skip(element.length);
      return true;
    }
    if (!this.#isNumber(element.id)) {
      bytes.skip(element.length + element.size);
      return true;
    }
    return this.#readNumber(bytes, element);
  }

  #isNumber(id: number) {
    return id === ids.timestampScale || id === ids.trackNumber || id === ids.trackType;
  }

  #readNumber(bytes: ByteQueue, element: ElementHead): boolean {
    const value = peekNumber(bytes, element);
    if (value === null) return false;
    const track = this.tracks.at(-1);
    if (element.id === ids.timestampScale && value > 0) this.scale = value;
    if (element.id === ids.trackNumber && track) track.number = value;
    if (element.id === ids.trackType && track) track.kind = value;
    bytes.skip(element.length + element.size);
    return true;
  }
}

/** The head of the file that begins so, as far as it is there. */
export function readWebmHead(start: Uint8Array): WebmHead {
  const head = new WebmHead();
  const bytes = new ByteQueue();
  bytes.push(start);
  for (;;) {
    const element = peekElement(bytes);
    if (!element || element.id === ids.cluster || !head.readElement(bytes, element)) return head;
  }
}
