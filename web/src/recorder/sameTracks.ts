import { boxesIn, findBox, tracksOf, type Box } from './fragmentShift';
import { readWebmHead } from './webmHead';

/** A track as a file describes it; two with the same text can follow each other. */
type Description = string;

/**
 * Whether the files that begin so have the same tracks, so that one can continue the other; null: too little of the second
 * one is there. The codecs of WebM are in the type that the encoder names.
 */
export function haveSameTracks(first: Uint8Array, second: Uint8Array): boolean | null {
  const is = describeTracks(second);
  if (!is) return null;
  const should = describeTracks(first);
  return should !== null && should.join() === is.join();
}

function describeTracks(head: Uint8Array): Description[] | null {
  const isMp4 = String.fromCharCode(...head.subarray(4, 8)) === 'ftyp';
  const tracks = isMp4 ? describeMp4(head) : readWebmHead(head).tracks.map((t) => String(t.kind));
  return tracks && tracks.length > 0 ? tracks.sort() : null;
}

function describeMp4(head: Uint8Array): Description[] | null {
  const moov = boxesIn(head, { type: '', start: 0, body: 0, end: head.length }).find((b) => b.type === 'moov');
  if (!moov || moov.end > head.length) return null;
  const traks = boxesIn(head, moov).filter((b) => b.type === 'trak');
  return tracksOf(head, moov).map(({ kind, timescale }, i) => `${kind} ${timescale} ${traks[i] ? describeSamples(head, traks[i]) : ''}`);
}

/** The sample description; of H.264 whose settings are in the stream (avc3), which a change of size does not break, its name. */
function describeSamples(head: Uint8Array, trak: Box): string {
  let box: Box | undefined = trak;
  for (const type of ['mdia', 'minf', 'stbl', 'stsd']) box = box && findBox(head, box, type);
  if (!box) return '';
  const description = head.subarray(box.body + 8, box.end);
  const name = String.fromCharCode(...description.subarray(4, 8));
  return name === 'avc3' ? name : String.fromCharCode(...description);
}
