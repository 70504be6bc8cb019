/** The times in a fragmented MP4 file (ISO/IEC 14496-12). */
import { readUint64, viewOf, type ByteQueue } from './byteQueue';
import type { ContainerReader, Timeline, TrackKind } from './mediaTime';

/** Their contents are read as if they stood one level higher. */
const containers = new Set(['moov', 'trak', 'mdia', 'mvex', 'moof', 'traf']);

interface Track {
  timescale: number; // ticks a second
  kind: TrackKind | null;
  sampleDuration: number; // ticks, where a fragment does not say it
}

interface State {
  tracks: Map<number, Track>;
  described: Track; // in the head of the file
  track: Track; // of the fragment
  at: number; // ticks
  sampleDuration: number; // of the fragment
  isFragmented: boolean;
}

type BoxReader = (view: DataView, state: State, timeline: Timeline) => void;

const boxes: Record<string, BoxReader> = { tkhd, mdhd, hdlr, trex, tfhd, tfdt, trun };

export function readMp4(): ContainerReader {
  const none: Track = { timescale: 0, kind: null, sampleDuration: 0 };
  const state: State = { tracks: new Map(), described: none, track: none, at: 0, sampleDuration: 0, isFragmented: false };
  return (bytes, timeline) => readBox(bytes, state, timeline);
}

function readBox(bytes: ByteQueue, state: State, timeline: Timeline): boolean {
  const head = readHead(bytes);
  if (!head) return false;
  const { type, size, length } = head;
  if (type === 'mdat' && !state.isFragmented) throw new Error('not fragmented: its times come last');
  markUnit(type, bytes.position + size, timeline);
  const read = boxes[type];
  if (!read) {
    bytes.skip(containers.has(type) ? length : size);
    return true;
  }
  const box = bytes.peek(size);
  if (!box) return false;
  read(viewOf(box.subarray(length)), state, timeline);
  bytes.skip(size);
  return true;
}

/** A fragment is its description and the samples after it. */
function markUnit(type: string, end: number, timeline: Timeline) {
  if (type === 'moov' || type === 'mdat') timeline.beginUnit(end);
  if (type === 'moof') timeline.beginUnit(Infinity);
}

function readHead(bytes: ByteQueue): { type: string; size: number; length: number } | null {
  const head = bytes.peek(8);
  if (!head) return null;
  const type = String.fromCharCode(...head.subarray(4));
  const size = viewOf(head).getUint32(0);
  if (size === 0) return { type, size: Infinity, length: 8 }; // to the end of the file
  if (size !== 1) {
    if (size < 8) throw new Error('no box');
    return { type, size, length: 8 };
  }
  const long = bytes.peek(16);
  if (!long) return null;
  const longSize = readUint64(viewOf(long), 8);
  if (longSize < 16) throw new Error('no box');
  return { type, size: longSize, length: 16 };
}

const flagsOf = (box: DataView) => box.getUint32(0) & 0xffffff;

function tkhd(box: DataView, state: State) {
  state.described = { timescale: 0, kind: null, sampleDuration: 0 };
  state.tracks.set(box.getUint32(box.getUint8(0) === 1 ? 20 : 12), state.described);
}

function mdhd(box: DataView, state: State) {
  state.described.timescale = box.getUint32(box.getUint8(0) === 1 ? 20 : 12);
}

function hdlr(box: DataView, state: State) {
  const handler = box.getUint32(8);
  if (handler === 0x76696465) state.described.kind = 'video'; // 'vide'
  if (handler === 0x736f756e) state.described.kind = 'audio'; // 'soun'
}

function trex(box: DataView, state: State) {
  const track = state.tracks.get(box.getUint32(4));
  if (track) track.sampleDuration = box.getUint32(12);
}

function tfhd(box: DataView, state: State) {
  const track = state.tracks.get(box.getUint32(4));
  if (!track) throw new Error('a track that was not described');
  const flags = flagsOf(box);
  const at = 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
  state.track = track;
  state.sampleDuration = flags & 8 ? box.getUint32(at) : track.sampleDuration;
  state.isFragmented = true;
}

function tfdt(box: DataView, state: State) {
  state.at = box.getUint8(0) === 1 ? readUint64(box, 4) : box.getUint32(4);
}

function trun(box: DataView, state: State, timeline: Timeline) {
  const flags = flagsOf(box);
  const samples = box.getUint32(4);
  const first = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  const fields = [0x100, 0x200, 0x400, 0x800].filter((f) => flags & f).length;
  let length = samples * state.sampleDuration;
  if (flags & 0x100) {
    length = 0;
    for (let i = 0; i < samples; i++) length += box.getUint32(first + i * fields * 4);
  }
  const { kind, timescale } = state.track;
  const ms = (ticks: number) => (ticks * 1000) / timescale;
  if (kind && timescale > 0 && samples > 0) timeline.addSample(kind, ms(state.at), ms(state.at + length), samples);
  state.at += length;
}
