import type { StreamRecorder } from './codecsRecorder';
import { CHUNK_MS, type EncoderType } from './types';

/** One that holds more (bytes) is given up. */
const LARGEST_STANDBY = 32 << 20;

/** An encoder that records into memory until it goes on in place of another one. */
interface Standby {
  recorder: StreamRecorder;
  type: EncoderType;
  startedAt: number;
  held: Blob[];
}

/** At most one encoder beside one that gives nothing: should it take its place, less is missing. */
export class StandbyEncoder {
  #standby: Standby | null = null;

  constructor(
    private makeRecorder: (type: EncoderType) => StreamRecorder,
    private clock: () => number,
  ) {}

  get isRunning() {
    return this.#standby !== null;
  }

  prepare(type: EncoderType) {
    if (this.#standby) return;
    try {
      this.#standby = this.#start(type);
    } catch {
      // the browser starts no other one beside it
    }
  }

  /** The one that is ready, or one that begins now. Throws where the browser starts none. */
  take(type: EncoderType): Standby {
    const ready = this.#standby;
    if (ready?.recorder.state !== 'recording' || ready.type.mimeType !== type.mimeType) this.drop();
    const taken = this.#standby ?? this.#start(type);
    this.#standby = null;
    return taken;
  }

  drop() {
    const recorder = this.#standby?.recorder;
    this.#standby = null;
    if (!recorder) return;
    recorder.ondataavailable = null;
    if (recorder.state !== 'inactive') recorder.stop();
  }

  #start(type: EncoderType): Standby {
    const standby: Standby = { recorder: this.makeRecorder(type), type, startedAt: Math.round(this.clock()), held: [] };
    let size = 0;
    standby.recorder.ondataavailable = ({ data }) => {
      size += data.size;
      if (data.size > 0) standby.held.push(data);
      if (size > LARGEST_STANDBY) this.drop();
    };
    standby.recorder.start(CHUNK_MS);
    return standby;
  }
}
