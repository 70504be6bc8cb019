import { concatBytes, viewOf } from './byteQueue';
import { boxesIn, tracksOf, type Track } from './fragmentShift';

/** The track of sound in the MP4 that begins so; null where it has none, or its description is not all there. */
export function findSoundTrack(head: Uint8Array): Track | null {
  const moov = boxesIn(head, { type: '', start: 0, body: 0, end: head.length }).find((b) => b.type === 'moov');
  if (!moov || moov.end > head.length) return null;
  return tracksOf(head, moov).find((t) => t.kind === 'soun') ?? null;
}

/** One fragment of MP4 (ISO/IEC 14496-12, 8.8) that has this sound from `startMs` on. */
export function makeSoundFragment(
  { id, timescale }: Pick<Track, 'id' | 'timescale'>,
  startMs: number,
  packets: { durationMs: number; bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const ticks = (ms: number) => Math.round((ms * timescale) / 1000);
  const samples = packets.flatMap(({ durationMs, bytes }) => [ticks(durationMs), bytes.length]);
  const start = ticks(startMs);
  const makeHead = (dataAt: number) =>
    makeBox('moof', [
      makeBox('mfhd', [uint32(0, 1)]),
      makeBox('traf', [
        makeBox('tfhd', [uint32(0x020000, id)]), // offsets count from this moof
        makeBox('tfdt', [uint32(0x01000000, Math.floor(start / 2 ** 32), start % 2 ** 32)]),
        makeBox('trun', [uint32(0x000301, packets.length, dataAt, ...samples)]), // each has a duration and a size
      ]),
    ]);
  const data = packets.map(({ bytes }) => bytes);
  return concatBytes([makeHead(makeHead(0).length + 8), makeBox('mdat', data)]);
}

function makeBox(type: string, parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const box = concatBytes([new Uint8Array(8), ...parts]);
  viewOf(box).setUint32(0, box.length);
  for (let i = 0; i < 4; i++) box[4 + i] = type.charCodeAt(i);
  return box;
}

function uint32(...numbers: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(numbers.length * 4);
  numbers.forEach((n, i) => viewOf(bytes).setUint32(i * 4, n));
  return bytes;
}
