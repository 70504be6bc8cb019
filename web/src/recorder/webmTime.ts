/** The times in a WebM file. */
import type { ByteQueue } from './byteQueue';
import { DEFAULT_SCALE, ids, peekBlock, peekElement, peekNumber, type ElementHead } from './ebml';
import type { ContainerReader, Timeline, TrackKind } from './mediaTime';

/** Their contents are read as if they stood one level higher, so that a size of "unknown" (a live file has it) does not matter. */
const containers = new Set([ids.segment, ids.info, ids.tracks, ids.trackEntry, ids.cluster, ids.blockGroup]);
/** What follows one of these, if its end is missing, would be read as part of it. */
const units = new Set([ids.info, ids.tracks, ids.cluster, ids.blockGroup]);
const LARGEST_UNIT = 8 << 20; // bytes
const numbers = new Set([ids.timestampScale, ids.trackNumber, ids.trackType, ids.timestamp]);

interface State {
  scale: number; // ns of one tick
  cluster: number; // ticks
  entry: number; // number of the track that is described now
  kinds: Map<number, TrackKind>;
}

export function readWebm(): ContainerReader {
  const state: State = { scale: DEFAULT_SCALE, cluster: 0, entry: 0, kinds: new Map() };
  return (bytes, timeline) => {
    const head = peekElement(bytes);
    if (!head) return false;
    if (units.has(head.id) && head.size < LARGEST_UNIT) timeline.beginUnit(bytes.position + head.length + head.size);
    if (containers.has(head.id)) bytes.skip(head.length);
    else if (numbers.has(head.id)) return readNumber(bytes, head, state);
    else if (head.id === ids.simpleBlock || head.id === ids.block) return readBlock(bytes, head, state, timeline);
    else bytes.skip(head.length + head.size);
    return true;
  };
}

function readNumber(bytes: ByteQueue, head: ElementHead, state: State): boolean {
  const value = peekNumber(bytes, head);
  if (value === null) return false;
  if (head.id === ids.timestampScale) state.scale = value;
  if (head.id === ids.timestamp) state.cluster = value;
  if (head.id === ids.trackNumber) state.entry = value;
  if (head.id === ids.trackType && value <= 2) state.kinds.set(state.entry, value === 1 ? 'video' : 'audio');
  bytes.skip(head.length + head.size);
  return true;
}

/** A block says when its first frame begins, and nothing of its end. */
function readBlock(bytes: ByteQueue, head: ElementHead, state: State, timeline: Timeline): boolean {
  const block = peekBlock(bytes, head.length);
  if (!block) return false;
  const kind = state.kinds.get(block.track);
  const ms = ((state.cluster + block.offset) * state.scale) / 1e6;
  if (kind) timeline.addSample(kind, ms, ms);
  bytes.skip(head.length + head.size);
  return true;
}
