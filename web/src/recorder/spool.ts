import { RequestRefused } from './request';
import type { SpoolProgress } from './messages';
import type { Source } from './tus';

/** The part of FileSystemSyncAccessHandle that is used here. */
export interface SpoolFile {
  getSize(): number;
  read(to: Uint8Array<ArrayBuffer>, o: { at: number }): number;
  write(from: Uint8Array<ArrayBuffer>, o: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
}

/** What this computer holds of the recording from its first byte on, without a gap. */
export interface HeldPrefix {
  onDisk: number; // bytes of the file
  memory: Uint8Array<ArrayBuffer>[]; // what follows the file
  endMs: number; // where a file of both ends, in the recording's time
}

/** The server is sent so much (ms) at a time, though the disk has each chunk at once. */
const SENT_MS = 1000;

/** Bytes beyond the file that stay in memory although the server has them, so that all can be saved or sent again. */
const KEPT_IN_MEMORY = 64 << 20;

/**
 * The recording on its way: each chunk is written and flushed to disk before the server sees it. What the disk
 * will not take (no private file system, quota) waits in memory until the server has it, and the first of it longer.
 */
export class Spool implements Source {
  #file: SpoolFile | null;
  #disk: number; // the file holds [0, disk)
  #total: number;
  #durable = 0;
  #diskMs: number; // where the file ends, in the recording's time
  #keep: number;
  #tail: { at: number; bytes: Uint8Array<ArrayBuffer>; endMs: number }[] = []; // beyond the file
  #provisional = 0; // bytes behind those of the file
  #dropped = false; // some of the tail is only on the server now
  #sealed = false;
  #wake = () => {};
  #wokenMs = -SENT_MS; // the recording's time at which the sender was woken last

  constructor(file: SpoolFile | null, o: { endMs?: number; keep?: number } = {}) {
    this.#file = file;
    this.#diskMs = o.endMs ?? 0;
    this.#keep = o.keep ?? KEPT_IN_MEMORY;
    this.#disk = this.#total = file?.getSize() ?? 0;
  }

  state() {
    return { bytes: this.#total, sealed: this.#sealed };
  }

  changed() {
    return new Promise<void>((resolve) => (this.#wake = resolve));
  }

  progress(): SpoolProgress {
    const inMemory = this.#tail.reduce((n, t) => n + (t.at + t.bytes.length > this.#durable ? t.bytes.length : 0), 0);
    return { recorded: this.#total, onDisk: this.#disk, durable: this.#durable, inMemory };
  }

  /** Whether every byte is still here, so that it could all be sent again. */
  get isComplete() {
    return !this.#dropped;
  }

  /** Where the file on disk ends, in the recording's time. */
  get diskMs() {
    return this.#diskMs;
  }

  held(): HeldPrefix {
    const prefix: HeldPrefix = { onDisk: this.#disk, memory: [], endMs: this.#diskMs };
    let end = this.#disk;
    for (const { at, bytes, endMs } of this.#tail) {
      if (at !== end) break;
      prefix.memory.push(bytes);
      prefix.endMs = endMs;
      end += bytes.length;
    }
    return prefix;
  }

  /** Adds bytes that end at `endMs` of the recording. */
  append(bytes: Uint8Array<ArrayBuffer>, endMs = 0) {
    const at = this.#total;
    this.#total += bytes.length;
    // Once something is missing from the file it ends there: a gap would be a broken recording.
    if (at === this.#disk && this.#store(bytes, at)) {
      this.#disk = this.#total;
      this.#diskMs = endMs;
    } else this.#tail.push({ at, bytes, endMs });
    this.#wakeSender(endMs);
  }

  /**
   * Bytes that stand at the end of the file until the next ones come, which take their place: all there is if nothing more
   * comes. Nobody is sent them before.
   */
  appendProvisional(bytes: Uint8Array<ArrayBuffer>) {
    if (!this.#file || this.#sealed || this.#disk !== this.#total) return;
    try {
      const at = this.#disk + this.#provisional;
      this.#provisional += bytes.length;
      if (this.#file.write(bytes, { at }) < bytes.length) this.#cutProvisional();
    } catch {
      this.#cutProvisional(); // quota
    }
  }

  /** Returns false where the disk fails. */
  #cutProvisional(): boolean {
    if (this.#provisional === 0) return true;
    this.#provisional = 0;
    try {
      this.#file!.truncate(this.#disk);
      return true;
    } catch {
      return false;
    }
  }

  #wakeSender(endMs: number) {
    if (endMs > this.#wokenMs && endMs - this.#wokenMs < SENT_MS) return;
    this.#wokenMs = endMs;
    this.#wake();
  }

  seal() {
    this.#cutProvisional();
    this.#sealed = true;
    this.#wake();
  }

  /** The server has [0, durable) on its disk. */
  acknowledge(durable: number) {
    this.#durable = Math.max(this.#durable, durable);
    const before = this.#tail.length;
    // What follows the file is kept up to a limit; behind a gap nothing is of use once the server has it.
    const limit = this.#disk + this.#keep;
    this.#tail = this.#tail.filter(({ at, bytes }) => at + bytes.length > durable || at + bytes.length <= limit);
    this.#dropped ||= this.#tail.length < before;
  }

  /** All is to be sent again, to an upload that has nothing. */
  resetDurable() {
    this.#durable = 0;
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(to - from);
    let have = from;
    if (have < this.#disk) have += this.#file!.read(out.subarray(0, Math.min(to, this.#disk) - from), { at: from });
    for (const { at, bytes } of this.#tail) {
      if (at > have || at + bytes.length <= have || have >= to) continue;
      const part = bytes.subarray(have - at, to - at);
      out.set(part, have - from);
      have += part.length;
    }
    if (have !== to) throw new RequestRefused('lost', 'A part of the recording is no longer on this computer.');
    return out;
  }

  #store(bytes: Uint8Array<ArrayBuffer>, at: number): boolean {
    if (!this.#file || !this.#cutProvisional()) return false;
    try {
      if (this.#file.write(bytes, { at }) === bytes.length) {
        this.#file.flush();
        return true;
      }
    } catch {
      // Quota, or a disk that fails: memory takes over and the page says so.
    }
    try {
      this.#file.truncate(at);
    } catch {
      // What was half written stays beyond #disk, where nobody reads it; after a crash it would be the recording's true next bytes.
    }
    return false;
  }
}
