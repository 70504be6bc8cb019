/**
 * Makes a second WebM file (RFC 9559) the continuation of a first one with tracks of the same kinds: its head is left out,
 * its clusters begin `startMs` later, and its blocks get the track numbers of the first one. Bytes come and go in pieces
 * of any size; nothing but the beginning of an element is kept.
 */
import { ByteQueue, concatBytes, viewOf } from './byteQueue';
import { ids, peekBlock, peekElement, peekNumber, type BlockHead, type ElementHead } from './ebml';
import { readWebmHead, WebmHead } from './webmHead';

/** A cluster whose size is not known: it ends where another one begins. */
const clusterHead = new Uint8Array([0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

/** What stands beside the block in a group and goes with it: durations, references, padding. */
const partsOfGroup = new Set([0x9b, 0xfb, 0xfa, 0xfd, 0xa4, 0x75a1, 0x75a2]);

export class ClusterShift {
  #bytes = new ByteQueue();
  #pass = 0; // bytes still to be passed on as they are
  #first: WebmHead;
  #second = new WebmHead();
  #ticks = 0; // of the cluster, as the second file has them
  #cluster = 0; // the same as ticks of the first file
  #group: Uint8Array | null = null; // the head of a group whose block has not come yet
  #dropsGroup = false; // its block is not wanted
  #begun = new Set<number>(); // tracks of which something was passed on

  /** `head`: the beginning of the first file, with its tracks; `skipMs`: of the second one this is not wanted. */
  constructor(
    head: Uint8Array,
    private startMs: number,
    private skipMs = 0,
  ) {
    this.#first = readWebmHead(head);
  }

  shift(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#bytes.push(bytes);
    const out: Uint8Array[] = [];
    while (this.#bytes.length > 0) {
      if (this.#pass > 0) this.#passBytes(out);
      else if (!this.#shiftElement(out)) break;
    }
    return concatBytes(out);
  }

  #passBytes(out: Uint8Array[]) {
    const passed = this.#bytes.take(this.#pass);
    this.#pass -= passed.length;
    out.push(passed);
  }

  /** Takes one element; contents of clusters and groups are read as if they stood one level higher. False: more bytes are needed. */
  #shiftElement(out: Uint8Array[]): boolean {
    const element = peekElement(this.#bytes);
    if (!element) return false;
    switch (element.id) {
      case ids.cluster:
        this.#bytes.skip(element.length);
        return true; // begins with its timestamp
      case ids.timestamp:
        return this.#shiftTimestamp(element, out);
      case ids.blockGroup:
        return this.#holdGroup(element);
      case ids.simpleBlock:
      case ids.block:
        return this.#shiftBlock(element, out);
    }
    if (partsOfGroup.has(element.id)) return this.#passPart(element, out);
    return this.#second.readElement(this.#bytes, element);
  }

  #shiftTimestamp(element: ElementHead, out: Uint8Array[]): boolean {
    const ticks = peekNumber(this.#bytes, element);
    if (ticks === null) return false;
    this.#bytes.skip(element.length + element.size);
    this.#ticks = ticks;
    this.#cluster = this.#ticksOf(ticks);
    const timestamp = new Uint8Array([ids.timestamp, 0x88, 0, 0, 0, 0, 0, 0, 0, 0]);
    viewOf(timestamp).setBigUint64(2, BigInt(this.#cluster));
    out.push(clusterHead, timestamp);
    return true;
  }

  /** A tick of the second file in the first one's. */
  #ticksOf(ticks: number): number {
    return Math.round((this.startMs * 1e6 + ticks * this.#second.scale) / this.#first.scale);
  }

  /** Its head waits until it is known whether the block in it is wanted; a block keeps its size, and so does the group. */
  #holdGroup(group: ElementHead): boolean {
    this.#group = this.#bytes.take(group.length).slice();
    this.#dropsGroup = false;
    return true;
  }

  #releaseGroup(out: Uint8Array[]) {
    if (this.#group) out.push(this.#group);
    this.#group = null;
  }

  #shiftBlock(element: ElementHead, out: Uint8Array[]): boolean {
    const block = peekBlock(this.#bytes, element.length);
    if (!block) return false;
    const number = this.#numberOf(block);
    if (number === null || this.#isSkipped(block, number, element)) {
      this.#bytes.skip(element.length + element.size);
      this.#dropsGroup = element.id === ids.block;
      this.#group = null;
      return true;
    }
    this.#releaseGroup(out);
    const head = this.#bytes.take(element.length + block.trackLength + 2).slice();
    writeVint(head.subarray(element.length, -2), number);
    viewOf(head).setInt16(head.length - 2, this.#ticksOf(this.#ticks + block.offset) - this.#cluster);
    out.push(head);
    this.#pass = element.size - block.trackLength - 2;
    return true;
  }

  /** A picture can begin at a key frame alone, which the block in a group does not say of itself. */
  #isSkipped(block: BlockHead, number: number, { id }: ElementHead): boolean {
    if (this.#begun.has(number)) return false;
    const ms = ((this.#ticks + block.offset) * this.#second.scale) / 1e6;
    const isVideo = this.#first.tracks.some((t) => t.number === number && t.kind === 1);
    if (this.skipMs > 0 && (ms < this.skipMs || (isVideo && id === ids.simpleBlock && !block.isKey))) return true;
    this.#begun.add(number);
    return false;
  }

  /** The first file's number of a block's track; null where it has no such track, or none that fits into as many bytes. */
  #numberOf({ track, trackLength }: BlockHead): number | null {
    const kind = this.#second.tracks.find((t) => t.number === track)?.kind;
    const number = this.#first.tracks.find((t) => t.kind === kind)?.number;
    return number !== undefined && number < 2 ** (7 * trackLength) - 1 ? number : null;
  }

  #passPart(element: ElementHead, out: Uint8Array[]): boolean {
    this.#releaseGroup(out);
    if (this.#dropsGroup) this.#bytes.skip(element.length + element.size);
    else this.#pass = element.length + element.size;
    return true;
  }
}

/** Writes a variable-length number that takes all of these bytes. */
function writeVint(bytes: Uint8Array, number: number) {
  for (let i = bytes.length - 1, rest = number; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[0]! |= 1 << (8 - bytes.length);
}
