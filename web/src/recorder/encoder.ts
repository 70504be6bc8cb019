/**
 * Records a stream with the first kind of file that gives media. While the first gives nothing the next is tried beside it:
 * one that is merely late loses nothing.
 */
import { MediaTimeParser } from './mediaTime';
import { chunkMs, holdsFragments, recorderOptions, type EncoderType } from './types';

export interface EncoderEvents {
  /** This type gives media; what it gave so far follows as chunks. `startedAt`: the clock when it began. */
  onChoose(type: EncoderType, mimeType: string, startedAt: number): void;
  /** At once: a page that is left has no time to read it. */
  onChunk(blob: Blob): void;
  /** The next chunks are of another encoder of this type that began at `atMs`. */
  onJoin(atMs: number): void;
  /** Nothing more comes. `error`: what the encoder said, or ''. `isEmpty`: it never gave any media. */
  onEnd(end: { error: string; isEmpty: boolean }): void;
}

export interface EncoderOptions {
  types: EncoderType[];
  screen: boolean;
  /** The recorder's clock (ms), which pauses do not move. */
  clock: () => number;
}

const MAX_TRIALS = 2; // at work at once

/** An encoder that does not answer is not waited for any longer than this (ms) when the recording stops. */
const STOP_MS = 4000;

interface Trial {
  type: EncoderType;
  recorder: MediaRecorder;
  startedAt: number;
  parser: MediaTimeParser;
  held: Blob[]; // until it is chosen
  examined: Promise<void>; // of the chunks so far, in their order
  error: string;
  hasEnded: boolean;
}

export class Encoder {
  #trials: Trial[] = [];
  #chosen: Trial | null = null;
  #next = 0; // of the types
  #hasEnded = false;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private stream: MediaStream,
    private options: EncoderOptions,
    private events: EncoderEvents,
  ) {}

  /** Starts the first type that the browser starts at all; throws its error when there is none. */
  start() {
    let error: unknown;
    while (this.#next < this.options.types.length) {
      try {
        return this.#startTrial(this.options.types[this.#next++]!);
      } catch (e) {
        error = e;
      }
    }
    throw error;
  }

  /** Starts the next type beside what gives nothing. Null when there is no other, or one is chosen already. */
  tryNext(): EncoderType | null {
    if (this.#chosen || this.#hasEnded) return null;
    try {
      this.start();
    } catch {
      return null;
    }
    // The first stays: it may be late. Of the others the newest is at work.
    if (this.#trials.length > MAX_TRIALS) this.#dropTrial(this.#trials.splice(1, 1)[0]!);
    return this.#trials.at(-1)!.type;
  }

  get hasChosen() {
    return this.#chosen !== null;
  }

  /** What is recorded now, or was first asked for. */
  get mimeType(): string {
    const trial = this.#chosen ?? this.#trials[0];
    return trial ? trial.recorder.mimeType || trial.type.mimeType : '';
  }

  pause() {
    for (const { recorder } of this.#trials) if (recorder.state === 'recording') recorder.pause();
  }

  resume() {
    for (const { recorder } of this.#trials) if (recorder.state === 'paused') recorder.resume();
  }

  /** Ends the recording; onEnd follows when the last chunk is handed over. */
  stop() {
    if (this.#stopTimer !== undefined || this.#hasEnded) return;
    this.#stopTimer = setTimeout(() => this.#end(), STOP_MS);
    for (const { recorder } of this.#trials) if (recorder.state !== 'inactive') recorder.stop();
    this.#endWhenAllEnded();
  }

  /** Ends without a word: what comes is not wanted any more. */
  drop() {
    this.#hasEnded = true;
    clearTimeout(this.#stopTimer);
    for (const trial of this.#trials) this.#dropTrial(trial);
  }

  /**
   * Has the encoder hand out all it has, as events of the page, and goes on. One that writes MP4 with a picture keeps up
   * to a key frame's interval for itself: it is stopped, and another goes on where it ended.
   */
  flush() {
    const trial = this.#chosen ?? this.#trials[0];
    if (!trial || trial.recorder.state === 'inactive' || this.#stopTimer !== undefined) return;
    if (!this.#chosen) this.#choose(trial);
    if (!holdsFragments(this.mimeType)) return trial.recorder.requestData();
    const old = trial.recorder;
    const atMs = Math.round(this.options.clock());
    trial.recorder = this.#makeRecorder(trial.type);
    old.onerror = null;
    old.onstop = () => this.events.onJoin(atMs);
    const wasPaused = old.state === 'paused';
    old.stop();
    this.#run(trial);
    if (wasPaused) trial.recorder.pause();
  }

  #makeRecorder(type: EncoderType): MediaRecorder {
    const stream = type.soundAlone ? new MediaStream(this.stream.getAudioTracks()) : this.stream;
    return new MediaRecorder(stream, recorderOptions(type.mimeType, this.options.screen));
  }

  #startTrial(type: EncoderType) {
    const trial: Trial = {
      type,
      recorder: this.#makeRecorder(type),
      startedAt: this.options.clock(),
      parser: new MediaTimeParser(),
      held: [],
      examined: Promise.resolve(),
      error: '',
      hasEnded: false,
    };
    this.#run(trial);
    this.#trials.push(trial);
  }

  #run(trial: Trial) {
    const { recorder } = trial;
    recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) this.#handleChunk(trial, data);
    };
    recorder.onerror = (e) => this.#handleError(trial, e);
    recorder.onstop = () => {
      if (this.#chosen) this.#handleStop(trial);
      else void trial.examined.then(() => this.#handleStop(trial));
    };
    recorder.start(chunkMs(trial.type.mimeType));
  }

  #handleChunk(trial: Trial, blob: Blob) {
    if (this.#chosen === trial) return this.events.onChunk(blob);
    trial.held.push(blob);
    trial.examined = trial.examined.then(() => this.#examineChunk(trial, blob));
  }

  /** A file's head is nothing yet: media must be in it. */
  async #examineChunk(trial: Trial, blob: Blob) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (this.#chosen || this.#hasEnded) return;
    const time = trial.parser.append(bytes);
    if (time.video || time.audio || !time.isKnown) this.#choose(trial);
  }

  #choose(trial: Trial) {
    this.#chosen = trial;
    for (const other of this.#trials) if (other !== trial) this.#dropTrial(other);
    this.#trials = [trial];
    this.events.onChoose(trial.type, this.mimeType, trial.startedAt);
    for (const blob of trial.held.splice(0)) this.events.onChunk(blob);
  }

  #handleError(trial: Trial, e: Event) {
    const { error } = e as Event & { error?: DOMException };
    trial.error = error?.message || error?.name || 'The encoder failed.';
    if (trial.recorder.state !== 'inactive') trial.recorder.stop();
  }

  #handleStop(trial: Trial) {
    trial.hasEnded = true;
    const isAlone = this.#trials.every((t) => t.hasEnded);
    const failed = !this.#chosen && trial.error !== '' && this.#stopTimer === undefined;
    if (failed && isAlone && this.tryNext()) return;
    this.#endWhenAllEnded();
  }

  #endWhenAllEnded() {
    if (this.#trials.every((t) => t.hasEnded)) this.#end();
  }

  #end() {
    if (this.#hasEnded) return;
    const trial = this.#chosen ?? this.#trials[0];
    this.drop();
    this.events.onEnd({ error: trial?.error ?? '', isEmpty: this.#chosen === null });
  }

  #dropTrial({ recorder }: Trial) {
    recorder.ondataavailable = recorder.onerror = recorder.onstop = null;
    if (recorder.state !== 'inactive') recorder.stop();
  }
}
