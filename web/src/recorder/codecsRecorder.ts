/** Records a stream by WebCodecs and a muxer, with as much of MediaRecorder's interface as an encoder is asked for. */
import type { FromCodecs, StartCodecs, ToCodecs } from './codecs.worker';
import type { CodecsFileOptions } from './codecsFile';
import type { RecorderOptions } from './types';

/** What is used of MediaRecorder. */
export type StreamRecorder = Pick<
  MediaRecorder,
  'stream' | 'state' | 'mimeType' | 'start' | 'pause' | 'resume' | 'requestData' | 'stop' | 'ondataavailable' | 'onerror' | 'onstop'
>;

/** Chromium's; the DOM library of TypeScript does not have it. */
export type TrackProcessor = new <T>(o: { track: MediaStreamTrack; maxBufferSize: number }) => { readable: ReadableStream<T> };

export const trackProcessor = () => (globalThis as { MediaStreamTrackProcessor?: TrackProcessor }).MediaStreamTrackProcessor;

/** Sound that waits for a busy page at most: ten seconds, in parts of 10 ms. */
const SOUND_PARTS = 1000;
const PICTURES = 2;

const clockNow = () => performance.timeOrigin + performance.now();

export class CodecsRecorder implements StreamRecorder {
  state: RecordingState = 'inactive';
  readonly mimeType: string;
  ondataavailable: MediaRecorder['ondataavailable'] = null;
  onerror: MediaRecorder['onerror'] = null;
  onstop: MediaRecorder['onstop'] = null;
  #options: RecorderOptions;
  #worker: Worker | null = null;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #timeslice = Infinity;
  #givenAt = 0;

  constructor(
    readonly stream: MediaStream,
    options: RecorderOptions,
  ) {
    this.#options = options;
    this.mimeType = options.mimeType!;
  }

  start(timeslice = Infinity) {
    const { message, transfer } = this.#makeStart();
    this.#timeslice = timeslice;
    this.#givenAt = performance.now();
    this.#worker = new Worker(new URL('./codecs.worker.ts', import.meta.url), { type: 'module', name: 'codecs' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromCodecs>) => this.#handleMessage(data);
    this.#worker.onerror = (e) => this.#fail(e.message || 'The encoder did not start.');
    this.#worker.postMessage(message, transfer);
    this.state = 'recording';
    const [voice] = this.stream.getAudioTracks();
    if (voice) void this.#sendSound(voice).catch((e: Error) => this.#fail(e.message));
  }

  pause() {
    this.state = 'paused';
    this.#say({ type: 'pause', at: clockNow() });
  }

  resume() {
    this.state = 'recording';
    this.#say({ type: 'resume', at: clockNow() });
  }

  /** At once, as an event within this call: a page that is left has no other moment. */
  requestData() {
    this.#give();
  }

  /** The last data and `onstop` follow. */
  stop() {
    if (this.state === 'inactive') return;
    this.state = 'inactive';
    if (this.#worker) this.#say({ type: 'stop', at: clockNow() });
    else queueMicrotask(() => this.#end());
  }

  #say(message: ToCodecs) {
    this.#worker?.postMessage(message);
  }

  /** Pictures go to the worker by themselves, and those that are too many are left out on the way. */
  #makeStart(): { message: StartCodecs; transfer: Transferable[] } {
    const [picture] = this.stream.getVideoTracks();
    const video = picture ? new (trackProcessor()!)<VideoFrame>({ track: picture, maxBufferSize: PICTURES }).readable : null;
    const { width = 1280, height = 720 } = picture?.getSettings() ?? {};
    return {
      message: { type: 'start', options: this.#fileOptions(), video, size: { width, height }, startedAt: clockNow() },
      transfer: video ? [video] : [],
    };
  }

  /** Sound is sent by messages: a stream that is transferred is asked for each 10 ms, too slowly on a busy computer. */
  async #sendSound(track: MediaStreamTrack) {
    const reader = new (trackProcessor()!)<AudioData>({ track, maxBufferSize: SOUND_PARTS }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return this.#say({ type: 'soundEnd' });
      if (!this.#worker) {
        value.close();
        return reader.cancel();
      }
      this.#worker.postMessage({ type: 'sound', data: value, arrivedAt: clockNow() } satisfies ToCodecs, [value]);
    }
  }

  #fileOptions(): CodecsFileOptions {
    const { videoBitsPerSecond, audioBitsPerSecond, videoKeyFrameIntervalDuration } = this.#options;
    return {
      video: this.stream.getVideoTracks().length === 0 ? null : this.mimeType.includes('vp9') ? 'vp9' : 'vp8',
      hasSound: this.stream.getAudioTracks().length > 0,
      videoBitsPerSecond: videoBitsPerSecond!,
      audioBitsPerSecond: audioBitsPerSecond!,
      keyFrameMs: videoKeyFrameIntervalDuration!,
    };
  }

  #handleMessage(message: FromCodecs) {
    if (message.type === 'error') return this.#fail(message.message);
    if (message.type === 'end') return this.#end();
    this.#parts.push(message.bytes);
    // By messages instead of a timer, which a hidden page has only once a second.
    if (performance.now() - this.#givenAt >= this.#timeslice) this.#give();
  }

  #give() {
    this.#givenAt = performance.now();
    const data = new Blob(this.#parts.splice(0), { type: this.mimeType });
    this.#call('ondataavailable', new BlobEvent('dataavailable', { data }));
  }

  /** What came until then is good. */
  #fail(message: string) {
    this.#closeWorker();
    this.#give();
    if (this.state === 'inactive') return this.#end();
    this.#call('onerror', Object.assign(new Event('error'), { error: new DOMException(message, 'EncodingError') }));
  }

  #end() {
    this.#closeWorker();
    this.state = 'inactive';
    this.#give();
    this.#call('onstop', new Event('stop'));
  }

  #closeWorker() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #call<N extends 'ondataavailable' | 'onerror' | 'onstop'>(name: N, event: Event) {
    const handle = this[name] as ((this: MediaRecorder, e: Event) => unknown) | null;
    handle?.call(this as unknown as MediaRecorder, event);
  }
}
