import { concatBytes, viewOf } from './byteQueue';

/**
 * Makes a second fragmented MP4 (ISO/IEC 14496-12) the continuation of a first one with tracks of the same kinds: its head
 * is left out, its fragments begin `startMs` later, and its tracks get the numbers of the first one's (an encoder numbers
 * them by what came first). Bytes come and go in pieces of any size.
 */
export class FragmentShift {
  #rest = new Uint8Array(); // the beginning of a box that is not complete
  #pass = 0; // bytes of media data still to be passed on as they are
  #isSkipped = false; // so are not those of this fragment
  #tracks: Track[] = []; // of the second file
  #first: Track[];

  /** `head`: the beginning of the first file, with its moov box; fragments that begin within the first `skipMs` are not wanted. */
  constructor(
    head: Uint8Array,
    private startMs: number,
    private skipMs = 0,
  ) {
    const moov = boxesIn(head, { type: '', start: 0, body: 0, end: head.length }).find((b) => b.type === 'moov');
    this.#first = moov && moov.end <= head.length ? tracksOf(head, moov) : [];
  }

  shift(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const all = concatBytes([this.#rest, bytes]);
    const out: Uint8Array[] = [];
    let at = 0;
    while (at < all.length) {
      if (this.#pass > 0) {
        const n = Math.min(this.#pass, all.length - at);
        if (!this.#isSkipped) out.push(all.subarray(at, at + n));
        at += n;
        this.#pass -= n;
        continue;
      }
      const box = boxAt(all, at, all.length);
      if (!box || (box.type !== 'mdat' && box.end > all.length)) break;
      if (box.type === 'mdat') this.#pass = box.end - at;
      else {
        if (box.type === 'moov') this.#tracks = tracksOf(all, box);
        if (box.type === 'moof') this.#addFragment(all, box, out);
        at = box.end;
      }
    }
    this.#rest = all.slice(at);
    return concatBytes(out);
  }

  #addFragment(all: Uint8Array, moof: Box, out: Uint8Array[]) {
    this.#isSkipped = this.#beginOf(all, moof) < this.skipMs;
    if (!this.#isSkipped) out.push(this.#shiftFragment(all, moof));
  }

  /** The time (ms) at which the fragment begins in the second file. */
  #beginOf(all: Uint8Array, moof: Box): number {
    const view = viewOf(all);
    const times = boxesIn(all, moof)
      .filter((b) => b.type === 'traf')
      .flatMap((traf) => {
        const [tfhd, tfdt] = ['tfhd', 'tfdt'].map((type) => findBox(all, traf, type));
        const track = tfhd && this.#tracks.find((t) => t.id === view.getUint32(tfhd.body + 4));
        if (!tfdt || !track) return [];
        const ticks = all[tfdt.body] === 1 ? Number(view.getBigUint64(tfdt.body + 4)) : view.getUint32(tfdt.body + 4);
        return [(ticks * 1000) / track.timescale];
      });
    return Math.min(Infinity, ...times);
  }

  /** The fragment with later times in its tfdt boxes, which keep their size, and the first file's track numbers. */
  #shiftFragment(all: Uint8Array, moof: Box): Uint8Array {
    const view = viewOf(all);
    for (const traf of boxesIn(all, moof).filter((b) => b.type === 'traf')) {
      const [tfhd, tfdt] = ['tfhd', 'tfdt'].map((type) => findBox(all, traf, type));
      if (!tfhd || !tfdt) continue;
      const track = this.#tracks.find((t) => t.id === view.getUint32(tfhd.body + 4));
      if (!track) continue;
      view.setUint32(tfhd.body + 4, this.#first.find((t) => t.kind === track.kind)?.id ?? track.id);
      const later = Math.round((this.startMs * track.timescale) / 1000);
      const at = tfdt.body + 4;
      if (all[tfdt.body] === 1) view.setBigUint64(at, view.getBigUint64(at) + BigInt(later));
      else view.setUint32(at, view.getUint32(at) + later);
    }
    return all.subarray(moof.start, moof.end);
  }
}

export interface Track {
  id: number;
  kind: string; // handler type
  timescale: number; // ticks a second
}

export function tracksOf(all: Uint8Array, moov: Box): Track[] {
  const view = viewOf(all);
  const wide = (b: Box) => (all[b.body] === 1 ? 20 : 12);
  return boxesIn(all, moov)
    .filter((b) => b.type === 'trak')
    .flatMap((trak) => {
      const [tkhd, mdia] = ['tkhd', 'mdia'].map((type) => findBox(all, trak, type));
      const [mdhd, hdlr] = ['mdhd', 'hdlr'].map((type) => mdia && findBox(all, mdia, type));
      if (!tkhd || !mdhd || !hdlr) return [];
      const kind = String.fromCharCode(...all.subarray(hdlr.body + 8, hdlr.body + 12));
      return [{ id: view.getUint32(tkhd.body + wide(tkhd)), kind, timescale: view.getUint32(mdhd.body + wide(mdhd)) }];
    });
}

export interface Box {
  type: string;
  start: number;
  body: number;
  end: number;
}

/** The box that begins at `start`; null when its head is not there yet. */
function boxAt(all: Uint8Array, start: number, limit: number): Box | null {
  if (start + 8 > limit) return null;
  const view = viewOf(all);
  const size = view.getUint32(start);
  const type = String.fromCharCode(...all.subarray(start + 4, start + 8));
  if (size !== 1) return { type, start, body: start + 8, end: size === 0 ? Infinity : start + Math.max(8, size) };
  if (start + 16 > limit) return null;
  return { type, start, body: start + 16, end: start + Math.max(16, Number(view.getBigUint64(start + 8))) };
}

export function boxesIn(all: Uint8Array, parent: Box): Box[] {
  const found: Box[] = [];
  for (let at = parent.body; at < parent.end;) {
    const box = boxAt(all, at, parent.end);
    if (!box) break;
    found.push(box);
    at = box.end;
  }
  return found;
}

export const findBox = (all: Uint8Array, parent: Box, type: string) => boxesIn(all, parent).find((b) => b.type === type);
