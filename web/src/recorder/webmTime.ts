/** The times in a WebM file (https://www.rfc-editor.org/rfc/rfc8794, https://www.rfc-editor.org/rfc/rfc9559). */
import type { ByteQueue } from './byteQueue';
import type { ContainerReader, Timeline, TrackKind } from './mediaTime';

const id = {
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
};
/** Their contents are read as if they stood one level higher, so that a size of "unknown" (a live file has it) does not matter. */
const containers = new Set([id.segment, id.info, id.tracks, id.trackEntry, id.cluster, id.blockGroup]);
const numbers = new Set([id.timestampScale, id.trackNumber, id.trackType, id.timestamp]);

interface State {
  scale: number; // ns of one tick
  cluster: number; // ticks
  entry: number; // number of the track that is described now
  kinds: Map<number, TrackKind>;
}

export function readWebm(): ContainerReader {
  const state: State = { scale: 1_000_000, cluster: 0, entry: 0, kinds: new Map() };
  return (bytes, timeline) => {
    const head = readHead(bytes);
    if (!head) return false;
    if (containers.has(head.id)) bytes.skip(head.length);
    else if (numbers.has(head.id)) return readNumber(bytes, head, state);
    else if (head.id === id.simpleBlock || head.id === id.block) return readBlock(bytes, head, state, timeline);
    else bytes.skip(head.length + head.size);
    return true;
  };
}

interface Head {
  id: number;
  size: number;
  length: number; // of the head itself
}

function readHead(bytes: ByteQueue): Head | null {
  const first = bytes.peek(1)?.[0];
  if (first === undefined) return null;
  const idLength = vintLength(first);
  if (idLength > 4) throw new Error('no element');
  const sizeFirst = bytes.peek(idLength + 1)?.[idLength];
  if (sizeFirst === undefined) return null;
  const length = idLength + vintLength(sizeFirst);
  const head = bytes.peek(length);
  if (!head) return null;
  const number = head.subarray(0, idLength).reduce((n, b) => n * 256 + b, 0);
  return { id: number, size: readVint(head.subarray(idLength)), length };
}

const vintLength = (first: number) => {
  if (first === 0) throw new Error('no variable-length number');
  return Math.clz32(first) - 23;
};

function readVint(bytes: Uint8Array): number {
  const mask = 0xff >> vintLength(bytes[0]!);
  return bytes.subarray(1).reduce((n, b) => n * 256 + b, bytes[0]! & mask);
}

function readNumber(bytes: ByteQueue, head: Head, state: State): boolean {
  if (head.size > 8) throw new Error('no number');
  const value = bytes
    .peek(head.length + head.size)
    ?.subarray(head.length)
    .reduce((n, b) => n * 256 + b, 0);
  if (value === undefined) return false;

  if (head.id === id.timestampScale) state.scale = value;
  if (head.id === id.timestamp) state.cluster = value;
  if (head.id === id.trackNumber) state.entry = value;
  if (head.id === id.trackType && value <= 2) state.kinds.set(state.entry, value === 1 ? 'video' : 'audio');
  bytes.skip(head.length + head.size);
  return true;
}

/** A block says when its first frame begins, and nothing of its end. */
function readBlock(bytes: ByteQueue, head: Head, state: State, timeline: Timeline): boolean {
  const first = bytes.peek(head.length + 1)?.[head.length];
  if (first === undefined) return false;
  const length = vintLength(first);
  const block = bytes.peek(head.length + length + 2)?.subarray(head.length);
  if (!block) return false;

  const kind = state.kinds.get(readVint(block.subarray(0, length)));
  const offset = ((block[length]! << 24) >> 16) | block[length + 1]!;
  const ms = ((state.cluster + offset) * state.scale) / 1e6;
  if (kind) timeline.addSample(kind, ms, ms);
  bytes.skip(head.length + head.size);
  return true;
}
