import { ClusterShift } from './clusterShift';
import { FragmentShift } from './fragmentShift';
import { readWebmHead } from './webmHead';

/** Makes the output of a second encoder, piece by piece, the continuation of a first one's file. */
export interface Continuation {
  shift(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** What describes the tracks of a file is within its first bytes. */
export const HEAD_BYTES = 64 << 10;

/** Whether an encoder of this type writes files that can be continued: Ogg has no place for a second one's head. */
export const canContinueType = (mimeType: string) => /^(video|audio)\/(mp4|webm)/.test(mimeType);

/**
 * The continuation of the file that begins with `head`, from `startMs` on, without the first `skipMs` of the second one's
 * media. Null where nothing can be appended to it: not fragmented MP4, nor WebM that is open at its end.
 */
export function continueFile(head: Uint8Array, startMs: number, skipMs = 0): Continuation | null {
  try {
    if (isMp4(head)) return isFragmented(head) ? new FragmentShift(head, startMs, skipMs) : null;
    const { isOpen, tracks } = readWebmHead(head);
    return isOpen && tracks.length > 0 ? new ClusterShift(head, startMs, skipMs) : null;
  } catch {
    return null; // another container, or none
  }
}

const hasText = (bytes: Uint8Array, text: string) => String.fromCharCode(...bytes.subarray(4, 8)) === text;
const isMp4 = (head: Uint8Array) => hasText(head, 'ftyp');

/** A box `mvex` announces fragments. */
const isFragmented = (head: Uint8Array) => String.fromCharCode(...head.subarray(0, 8192)).includes('mvex');
