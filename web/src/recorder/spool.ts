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

/**
 * The recording on its way: each chunk is written and flushed to disk before the server sees it. What the disk
 * will not take (no private file system, quota) waits in memory until the server has it.
 */
export class Spool implements Source {
  #file: SpoolFile | null;
  #disk: number; // the file holds [0, disk)
  #total: number;
  #durable = 0;
  #tail: { at: number; bytes: Uint8Array<ArrayBuffer> }[] = []; // beyond the file, not yet on the server
  #dropped = false; // some of the tail is only on the server now
  #sealed = false;
  #wake = () => {};

  constructor(file: SpoolFile | null) {
    this.#file = file;
    this.#disk = this.#total = file?.getSize() ?? 0;
  }

  state() {
    return { bytes: this.#total, sealed: this.#sealed };
  }

  changed() {
    return new Promise<void>((resolve) => (this.#wake = resolve));
  }

  progress(): SpoolProgress {
    const inMemory = this.#tail.reduce((n, t) => n + t.bytes.length, 0);
    return { recorded: this.#total, onDisk: this.#disk, durable: this.#durable, inMemory };
  }

  /** Whether every byte is still here, so that it could all be sent again. */
  get isComplete() {
    return !this.#dropped;
  }

  append(bytes: Uint8Array<ArrayBuffer>) {
    const at = this.#total;
    this.#total += bytes.length;
    // Once something is missing from the file it ends there: a gap would be a broken recording.
    if (at === this.#disk && this.#store(bytes, at)) this.#disk = this.#total;
    else this.#tail.push({ at, bytes });
    this.#wake();
  }

  seal() {
    this.#sealed = true;
    this.#wake();
  }

  /** The server has [0, durable) on its disk. */
  acknowledge(durable: number) {
    this.#durable = Math.max(this.#durable, durable);
    const before = this.#tail.length;
    this.#tail = this.#tail.filter((t) => t.at + t.bytes.length > durable);
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
    if (!this.#file) return false;
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
