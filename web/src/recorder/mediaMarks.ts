import type { MediaTime } from './mediaTime';

/** How many seconds of media so many bytes are: one mark for each part the encoder gave. */
export class MediaMarks {
  #marks: { bytes: number; ms: number }[] = [];
  #bytes = 0; // in all
  #passed = { bytes: 0, ms: 0 };

  add(bytes: number, time: MediaTime) {
    this.#bytes += bytes;
    this.#marks.push({ bytes: this.#bytes, ms: time.ms });
  }

  /** ms of media within the first `durable` bytes; 0 when all is to be sent again and the server has less than before. */
  durableMs(durable: number): number {
    while (this.#marks[0] && this.#marks[0].bytes <= durable) this.#passed = this.#marks.shift()!;
    return durable < this.#passed.bytes ? 0 : this.#passed.ms;
  }
}
