/**
 * Encodes the pictures and the sound of two tracks by WebCodecs, in a worker: a busy page delays and loses nothing. Pictures
 * are left out while the encoder is behind, sound never is.
 */
import { CaptureClock, PausedClock, StampedClock } from './captureClock';
import { CodecsFile, type CodecsFileOptions } from './codecsFile';
import { SoundTimeline } from './soundTimeline';

export interface StartCodecs {
  type: 'start';
  options: CodecsFileOptions;
  video: ReadableStream<VideoFrame> | null;
  size: { width: number; height: number }; // of the picture, until one comes
  startedAt: number; // as all times that are sent: ms of the computer's clock
}
export type ToCodecs =
  | StartCodecs
  | { type: 'sound'; data: AudioData; arrivedAt: number }
  | { type: 'soundEnd' }
  | { type: 'pause' | 'resume' | 'stop'; at: number };
export type FromCodecs =
  | { type: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' } // nothing more comes: it was stopped, or its tracks ended
  | { type: 'error'; message: string };

/** How often (ms) it is looked whether a track gives something. */
const TICK_MS = 250;
/** A track that gives nothing for so long (ms) is filled up: the file would keep the other one back. */
const PICTURE_MS = 500;
const SOUND_MS = 3000;
/** So much (ms) of the time in which the computer slept is in the file. */
const SLEEP_MS = 10_000;
/** What was captured before the end is waited for so long (ms), and again while some of it comes. */
const END_MS = 1500;

const clockNow = () => performance.timeOrigin + performance.now();
const say = (message: FromCodecs, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

class CodecsEncoder {
  readonly #file: CodecsFile;
  readonly #clock: PausedClock;
  readonly #pictureClock = new CaptureClock();
  readonly #soundClock = new StampedClock();
  readonly #sound = new SoundTimeline();
  #start: StartCodecs;
  #pictures: ReadableStreamDefaultReader<VideoFrame> | undefined;
  #last: VideoFrame | null = null; // repeated while none comes
  #pictureAt = 0; // ms in the file
  #heardMs = 0; // of sound that was read
  #soundArrivedAt = 0;
  #tickAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stoppedAt = Infinity;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  #endSound = () => {};
  #soundEnded = new Promise<void>((resolve) => (this.#endSound = resolve));

  constructor(start: StartCodecs) {
    this.#start = start;
    this.#clock = new PausedClock(start.startedAt);
    this.#file = new CodecsFile(start.options, (bytes) => {
      const own = bytes.slice();
      say({ type: 'bytes', bytes: own }, [own.buffer]);
    });
  }

  async run() {
    await this.#file.start();
    this.#tickAt = clockNow();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    if (!this.#start.options.hasSound) this.#endSound();
    await Promise.all([this.#readPictures(), this.#soundEnded]);
    clearInterval(this.#timer);
    await this.#file.finish();
    this.#last?.close();
    say({ type: 'end' });
  }

  pause(at: number) {
    this.#clock.pause(at);
  }

  resume(at: number) {
    this.#clock.resume(at);
  }

  /** What was captured before is still on its way for a moment. */
  async stop(at: number) {
    this.#stoppedAt = this.#clock.pausedAt ?? at;
    this.#waitForSound();
    await this.#soundEnded;
    await this.#pictures?.cancel();
  }

  #waitForSound() {
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(this.#endSound, END_MS);
  }

  /** What was there until the track ended is all there is. */
  endSound() {
    this.#endSound();
  }

  async #readPictures() {
    if (!this.#start.video) return;
    this.#pictures = this.#start.video.getReader();
    for (;;) {
      const { value, done } = await this.#pictures.read();
      if (done) return;
      this.#addPicture(value);
    }
  }

  #addPicture(frame: VideoFrame) {
    const capturedAt = this.#pictureClock.timeOf(frame.timestamp / 1000, clockNow());
    const time = this.#clock.timeOf(capturedAt);
    if (time === null || capturedAt > this.#stoppedAt) return frame.close();
    this.#last?.close();
    this.#last = frame.clone();
    this.#encodePicture(frame, time - this.#sound.lag);
  }

  /** Not waited for: the next one is left out instead. */
  #encodePicture(frame: VideoFrame, at: number) {
    this.#pictureAt = at;
    void this.#file.addPicture(frame, at).catch(fail);
  }

  addSound(data: AudioData, arrivedAt: number) {
    const capturedAt = this.#soundClock.timeOf(this.#heardMs, data.timestamp / 1000, arrivedAt);
    this.#soundArrivedAt = arrivedAt;
    if (this.#stoppedAt < Infinity) this.#waitForSound();
    const durationMs = (data.numberOfFrames * 1000) / data.sampleRate;
    this.#heardMs += durationMs;
    const time = this.#clock.timeOf(capturedAt);
    if (capturedAt > this.#stoppedAt) this.#endSound();
    if (time === null || capturedAt > this.#stoppedAt) return data.close();
    this.#file.addSound(data, this.#sound.place(time, durationMs));
  }

  #tick() {
    const now = clockNow();
    const lateBy = now - this.#tickAt - TICK_MS;
    if (lateBy > SLEEP_MS && !this.#clock.isPaused) {
      this.#clock.pause(this.#tickAt);
      this.#clock.resume(now - SLEEP_MS);
    }
    this.#tickAt = now;
    const time = this.#clock.timeOf(now);
    if (time === null || lateBy > TICK_MS || now > this.#stoppedAt) return; // what came meanwhile is read first
    if (this.#start.video && time - this.#pictureAt > PICTURE_MS) this.#repeatPicture(time);
    const isSilent = now - this.#soundArrivedAt > SOUND_MS; // what is late only is on its way
    if (this.#start.options.hasSound && isSilent && time - this.#sound.end > SOUND_MS) this.#fillSound(time);
  }

  #repeatPicture(time: number) {
    this.#last ??= blackPicture(this.#start.size);
    this.#encodePicture(this.#last.clone(), time - this.#sound.lag);
  }

  #fillSound(time: number) {
    const from = this.#sound.fillUpTo(time);
    this.#file.addSilence(from, time - from);
  }
}

function blackPicture({ width, height }: { width: number; height: number }): VideoFrame {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d', { alpha: false })!.fillRect(0, 0, width, height);
  return new VideoFrame(canvas, { timestamp: 0 });
}

function fail(error: unknown) {
  say({ type: 'error', message: error instanceof Error ? error.message : String(error) });
}

let encoder: CodecsEncoder | undefined;

self.onmessage = ({ data: m }: MessageEvent<ToCodecs>) => {
  if (m.type === 'start') {
    encoder = new CodecsEncoder(m);
    void encoder.run().catch(fail);
  } else if (m.type === 'sound') encoder?.addSound(m.data, m.arrivedAt);
  else if (m.type === 'soundEnd') encoder?.endSound();
  else if (m.type === 'stop') void encoder?.stop(m.at);
  else encoder?.[m.type](m.at);
};
