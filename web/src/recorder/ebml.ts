/** Elements of WebM files (https://www.rfc-editor.org/rfc/rfc8794, https://www.rfc-editor.org/rfc/rfc9559). */
import type { ByteQueue } from './byteQueue';

export const ids = {
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  position: 0xa7, // of a cluster in its file
  previousSize: 0xab, // of the cluster before
};

/** Nanoseconds of one tick where a file does not say it. */
export const DEFAULT_SCALE = 1_000_000;

export interface ElementHead {
  id: number;
  size: number; // Infinity: unknown, as live files have it
  length: number; // of the head itself
}

/** The head of the next element, which stays; null when it is not all there. Throws when it is none. */
export function peekElement(bytes: ByteQueue): ElementHead | null {
  const first = bytes.peek(1)?.[0];
  if (first === undefined) return null;
  const idLength = vintLength(first);
  if (idLength > 4) throw new Error('no element');
  const sizeFirst = bytes.peek(idLength + 1)?.[idLength];
  if (sizeFirst === undefined) return null;
  const length = idLength + vintLength(sizeFirst);
  const head = bytes.peek(length);
  if (!head) return null;
  const id = head.subarray(0, idLength).reduce((n, b) => n * 256 + b, 0);
  const size = readVint(head.subarray(idLength));
  const isUnknown = size === 2 ** (7 * (length - idLength)) - 1; // all bits are set
  return { id, size: isUnknown ? Infinity : size, length };
}

/** The unsigned number in an element whose head was peeked at, which stays; null when it is not all there. */
export function peekNumber(bytes: ByteQueue, head: ElementHead): number | null {
  if (head.size > 8) throw new Error('no number');
  const all = bytes.peek(head.length + head.size);
  return all ? all.subarray(head.length).reduce((n, b) => n * 256 + b, 0) : null;
}

/** The length of a variable-length number that begins so. */
export function vintLength(first: number): number {
  if (first === 0) throw new Error('no variable-length number');
  return Math.clz32(first) - 23;
}

/** A variable-length number of just these bytes. */
export function readVint(bytes: Uint8Array): number {
  const mask = 0xff >> vintLength(bytes[0]!);
  return bytes.subarray(1).reduce((n, b) => n * 256 + b, bytes[0]! & mask);
}

/** What begins a block: its track, and its time from that of its cluster on. */
export interface BlockHead {
  track: number;
  trackLength: number; // bytes of the track number
  offset: number; // ticks
  isKey: boolean; // of a simple block: it begins a picture
}

/** The beginning of the block whose element head is so long, which stays; null when it is not all there. */
export function peekBlock(bytes: ByteQueue, headLength: number): BlockHead | null {
  const first = bytes.peek(headLength + 1)?.[headLength];
  if (first === undefined) return null;
  const trackLength = vintLength(first);
  const block = bytes.peek(headLength + trackLength + 3)?.subarray(headLength);
  if (!block) return null;
  const offset = ((block[trackLength]! << 24) >> 16) | block[trackLength + 1]!;
  const isKey = (block[trackLength + 2]! & 0x80) !== 0;
  return { track: readVint(block.subarray(0, trackLength)), trackLength, offset, isKey };
}
