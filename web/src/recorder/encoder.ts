/**
 * Records a stream with the first kind of file that gives media. While the first gives nothing the next is tried beside it:
 * one that is merely late loses nothing.
 */
import { CodecsRecorder, type StreamRecorder } from './codecsRecorder';
import { canContinueType } from './continuation';
import type { EncoderControl, EncoderOptions } from './encoderEvents';
import { logFailure } from './logFailure';
import { MediaTimeParser } from './mediaTime';
import { StandbyEncoder } from './standby';
import { STOP_MS, StopDeadline } from './stopDeadline';
import { CHUNK_MS, holdsFragments, recorderOptions, type EncoderType } from './types';

const MAX_TRIALS = 2; // at work at once

const stoppedByItself = 'The encoder stopped by itself.';

interface Trial {
  type: EncoderType;
  recorder: StreamRecorder;
  startedAt: number;
  parser: MediaTimeParser;
  held: Blob[]; // until it is chosen, or joined to the one before
  join: (() => void) | null; // hands over what is held, once the one before has given all it has
  examined: Promise<void>; // of the chunks so far, in their order
  error: string;
  hasEnded: boolean;
}

export class Encoder {
  #trials: Trial[] = [];
  #chosen: Trial | null = null;
  #next = 0; // of the types
  #mimeType = ''; // of the file
  #hasEnded = false;
  #isPaused = false;
  #standby: StandbyEncoder;
  #deadline = new StopDeadline();

  constructor(
    private stream: MediaStream,
    private options: EncoderOptions,
    private events: EncoderControl,
  ) {
    this.#standby = new StandbyEncoder((type) => this.#makeRecorder(type), options.clock);
  }

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

  /** A type that was found later: tried before sound alone, unless that is at work already. */
  offerType(type: EncoderType) {
    const { types } = this.options;
    const alone = types.findIndex((t) => t.soundAlone);
    const at = alone < 0 ? types.length : alone;
    if (at >= this.#next) types.splice(at, 0, type);
  }

  get hasChosen() {
    return this.#chosen !== null;
  }

  /** What is recorded now, or was first asked for. */
  get mimeType(): string {
    const trial = this.#trials[0];
    return this.#mimeType || (trial ? mimeTypeOf(trial) : '');
  }

  pause() {
    this.#isPaused = true;
    this.#standby.drop(); // its times would go on
    for (const { recorder } of this.#trials) if (recorder.state === 'recording') recorder.pause();
  }

  resume() {
    this.#isPaused = false;
    for (const { recorder } of this.#trials) if (recorder.state === 'paused') recorder.resume();
  }

  /** Ends the recording; onEnd follows when the last chunk is handed over. */
  stop() {
    if (this.#deadline.hasBegun || this.#hasEnded) return;
    if (this.#standby.isRunning) this.events.onFailure(true); // what it has may be nowhere else
    this.#deadline.begin(() => this.#end());
    for (const { recorder } of this.#trials) if (recorder.state !== 'inactive') recorder.stop();
    this.#endWhenAllEnded();
  }

  /** Ends without a word: what comes is not wanted any more. */
  drop() {
    this.#hasEnded = true;
    this.#deadline.clear();
    this.#standby.drop();
    for (const trial of this.#trials) this.#dropTrial(trial);
  }

  /**
   * Has the encoder hand out all it has, as events of the page, and goes on. One that writes MP4 with a picture keeps up
   * to a key frame's interval for itself: it is stopped, and another goes on where it ended.
   */
  flush() {
    const trial = this.#chosen ?? this.#trials[0];
    if (!trial || trial.recorder.state === 'inactive' || this.#deadline.hasBegun) return;
    if (!this.#chosen) this.#choose(trial);
    if (!holdsFragments(this.mimeType)) return trial.recorder.requestData();
    this.#replaceRecorder(trial, trial.type);
  }

  /**
   * Starts another encoder in place of the chosen one, whose file it continues. False: the browser starts none, or a
   * second one's output cannot be appended.
   */
  restart(type?: EncoderType): boolean {
    const trial = this.#chosen;
    if (!trial || !this.#canRestart) return false;
    try {
      this.#replaceRecorder(trial, type ?? trial.type);
    } catch {
      return false;
    }
    trial.error = '';
    return true;
  }

  get #canRestart() {
    return this.#chosen !== null && !this.#deadline.hasBegun && !this.#hasEnded && canContinueType(this.mimeType);
  }

  /** Starts another encoder beside the chosen one, which gives nothing and may have to be replaced. */
  prepareRestart(type?: EncoderType) {
    if (this.#chosen && this.#canRestart && !this.#isPaused) this.#standby.prepare(type ?? this.#chosen.type);
  }

  /** What the second encoder gives waits until the first has given all it has. */
  #replaceRecorder(trial: Trial, type: EncoderType) {
    const old = trial.recorder;
    const { recorder: next, held, startedAt: atMs } = this.#standby.take(type);
    this.#listen(trial, next);
    if (this.#isPaused) next.pause();
    trial.join?.();
    trial.held.push(...held);
    Object.assign(trial, { recorder: next, type });
    const timer = setTimeout(() => trial.join?.(), STOP_MS);
    trial.join = () => {
      clearTimeout(timer);
      old.ondataavailable = old.onerror = old.onstop = null;
      trial.join = null;
      this.events.onJoin(atMs);
      for (const blob of trial.held.splice(0)) this.events.onChunk(blob);
    };
    old.onerror = null;
    old.onstop = () => trial.join?.();
    if (old.state !== 'inactive') old.stop();
  }

  #makeRecorder(type: EncoderType): StreamRecorder {
    const stream = type.soundAlone ? new MediaStream(this.stream.getAudioTracks()) : this.stream;
    const Recorder = type.usesCodecs ? CodecsRecorder : MediaRecorder;
    return new Recorder(stream, recorderOptions(type.mimeType, this.options.screen));
  }

  #startTrial(type: EncoderType) {
    const trial: Trial = {
      type,
      recorder: this.#makeRecorder(type),
      startedAt: this.options.clock(),
      parser: new MediaTimeParser(),
      held: [],
      join: null,
      examined: Promise.resolve(),
      error: '',
      hasEnded: false,
    };
    this.#listen(trial, trial.recorder);
    trial.recorder.start(CHUNK_MS);
    this.#trials.push(trial);
  }

  #listen(trial: Trial, recorder: StreamRecorder) {
    recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) this.#handleChunk(trial, recorder, data);
    };
    recorder.onerror = (e) => this.#handleError(trial, e);
    recorder.onstop = () => {
      if (this.#chosen) this.#handleStopOfChosen(trial);
      else void trial.examined.then(() => this.#handleStopOfExamined(trial));
    };
  }

  #handleChunk(trial: Trial, recorder: StreamRecorder, blob: Blob) {
    if (this.#hasEnded) return;
    this.#deadline.extend();
    if (recorder === trial.recorder) this.#standby.drop(); // it goes on
    const waits = trial.join !== null && recorder === trial.recorder;
    if (this.#chosen === trial && !waits) return this.events.onChunk(blob);
    trial.held.push(blob);
    if (waits) return;
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
    this.#mimeType = mimeTypeOf(trial);
    for (const other of this.#trials) if (other !== trial) this.#dropTrial(other);
    this.#trials = [trial];
    this.events.onChoose(trial.type, this.mimeType, trial.startedAt);
    for (const blob of trial.held.splice(0)) this.events.onChunk(blob);
  }

  #handleError(trial: Trial, e: Event) {
    const { error } = e as Event & { error?: DOMException };
    trial.error = error?.message || error?.name || 'The encoder failed.';
    logFailure(`an encoder of ${mimeTypeOf(trial)} failed`, error ?? e);
    if (this.#goesOn(trial)) return;
    if (trial.recorder.state !== 'inactive') trial.recorder.stop();
  }

  /** Nobody stopped it, and what it records from goes on: it failed without a word. */
  #handleStopOfChosen(trial: Trial) {
    const isExpected = this.#deadline.hasBegun || trial.error !== '';
    if (!isExpected && trial.recorder.stream.getTracks().some((t) => t.readyState === 'live')) {
      trial.error = stoppedByItself;
      if (this.#goesOn(trial)) return trial.join?.();
    }
    trial.join?.();
    this.#handleStop(trial);
  }

  /** One that failed before its media was looked at, and whose last bytes had it, is replaced like any other. */
  #handleStopOfExamined(trial: Trial) {
    if (trial.error !== '' && this.#goesOn(trial)) return trial.join?.();
    this.#handleStop(trial);
  }

  #goesOn(trial: Trial): boolean {
    return this.#chosen === trial && !this.#deadline.hasBegun && !this.#hasEnded && this.events.onFailure(false);
  }

  #handleStop(trial: Trial) {
    trial.hasEnded = true;
    const isAlone = this.#trials.every((t) => t.hasEnded);
    const failed = !this.#chosen && trial.error !== '' && !this.#deadline.hasBegun;
    if (failed && isAlone && this.tryNext()) return;
    this.#endWhenAllEnded();
  }

  #endWhenAllEnded() {
    if (this.#trials.every((t) => t.hasEnded)) this.#end();
  }

  #end() {
    if (this.#hasEnded) return;
    const trial = this.#chosen ?? this.#trials[0];
    trial?.join?.();
    this.drop();
    this.events.onEnd({ error: trial?.error ?? '', isEmpty: this.#chosen === null });
  }

  #dropTrial(trial: Trial) {
    const { recorder } = trial;
    trial.join = null;
    recorder.ondataavailable = recorder.onerror = recorder.onstop = null;
    if (recorder.state !== 'inactive') recorder.stop();
  }
}

const mimeTypeOf = ({ recorder, type }: Trial) => recorder.mimeType || type.mimeType;
