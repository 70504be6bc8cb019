/** Encodes pictures and sound by WebCodecs into a WebM file that grows at its end alone. */
import {
  AudioSample,
  AudioSampleSource,
  Output,
  Quality,
  StreamTarget,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import { SoundQueue, type SoundPart } from './soundQueue';

export interface CodecsFileOptions {
  /** Codec of the picture; null: there is none. */
  video: 'vp8' | 'vp9' | null;
  hasSound: boolean;
  videoBitsPerSecond: number;
  audioBitsPerSecond: number;
  keyFrameMs: number;
}

const CLUSTER_SECONDS = 0.5; // at least: a cluster begins with a key frame

/** So much (ms) of sound may wait before pictures give way to it, and so far (ms) apart they are then. */
const SOUND_FIRST_MS = 500;
const FEW_PICTURES_MS = 400;

/** A WebM file that gives its bytes in their order, each block as it comes. */
export function openWebm(onBytes: (bytes: Uint8Array) => void): Output {
  const writable = new WritableStream<{ data: Uint8Array }>({ write: ({ data }) => onBytes(data) });
  return new Output({
    format: new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: CLUSTER_SECONDS }),
    target: new StreamTarget(writable),
  });
}

export class CodecsFile {
  #output: Output;
  #video: VideoSampleSource | null = null;
  #sound: AudioSampleSource | null = null;
  #isBehind = false; // the encoder has not taken the last picture yet
  #pictureAt = -1; // ms
  #started: Promise<void> = Promise.resolve();
  #waiting = new SoundQueue((part) => this.#encodeSound(part));
  #soundFormat = { sampleRate: 48_000, channels: 1 }; // of the last sound

  constructor(options: CodecsFileOptions, onBytes: (bytes: Uint8Array) => void) {
    this.#output = openWebm(onBytes);
    if (options.video) this.#addVideoTrack(options.video, options);
    if (options.hasSound) this.#addAudioTrack(options);
  }

  #addVideoTrack(codec: 'vp8' | 'vp9', { videoBitsPerSecond, keyFrameMs }: CodecsFileOptions) {
    this.#video = new VideoSampleSource({
      codec,
      quality: new Quality({ bitrate: videoBitsPerSecond, bitrateMode: 'variable' }),
      keyFrameInterval: keyFrameMs / 1000,
      latencyMode: 'realtime',
      sizeChangeBehavior: 'contain', // a window that is resized
    });
    this.#output.addVideoTrack(this.#video);
  }

  #addAudioTrack({ audioBitsPerSecond }: CodecsFileOptions) {
    this.#sound = new AudioSampleSource({ codec: 'opus', quality: new Quality({ bitrate: audioBitsPerSecond, bitrateMode: 'variable' }) });
    this.#output.addAudioTrack(this.#sound);
  }

  /** Sound can be added before it has started, too. */
  start(): Promise<void> {
    return (this.#started = this.#output.start());
  }

  /**
   * Encodes a picture, which it closes. One that comes while the encoder is behind, or not after the one before, is left out;
   * few are encoded while sound waits, which is never left out.
   */
  async addPicture(frame: VideoFrame, atMs: number): Promise<void> {
    const least = this.#waiting.waitingMs > SOUND_FIRST_MS ? FEW_PICTURES_MS : 0;
    if (!this.#video || this.#isBehind || atMs <= this.#pictureAt + least) return frame.close();
    this.#isBehind = true;
    this.#pictureAt = atMs;
    const sample = new VideoSample(frame, { timestamp: atMs / 1000 });
    try {
      await this.#video.add(sample);
    } finally {
      sample.close();
      this.#isBehind = false;
    }
  }

  /** Encodes sound, which it closes. A gap after the sound before becomes silence. */
  addSound(data: AudioData, atMs: number) {
    const { sampleRate, numberOfChannels, numberOfFrames } = data;
    const channels = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
      const samples = new Float32Array(numberOfFrames);
      data.copyTo(samples, { planeIndex, format: 'f32-planar' });
      return samples;
    });
    data.close();
    this.#soundFormat = { sampleRate, channels: numberOfChannels };
    this.#waiting.add({ atMs, sampleRate, channels });
  }

  addSilence(atMs: number, ms: number) {
    const { sampleRate, channels } = this.#soundFormat;
    const frames = Math.round((ms * sampleRate) / 1000);
    if (frames > 0) this.#waiting.add({ atMs, sampleRate, channels: Array.from({ length: channels }, () => new Float32Array(frames)) });
  }

  async #encodeSound({ atMs, sampleRate, channels }: SoundPart) {
    const data = new Float32Array(channels.length * channels[0]!.length);
    channels.forEach((samples, c) => data.set(samples, c * samples.length));
    const sample = new AudioSample({
      data,
      format: 'f32-planar',
      sampleRate,
      numberOfChannels: channels.length,
      timestamp: atMs / 1000,
    });
    try {
      await this.#started;
      await this.#sound?.add(sample);
    } finally {
      sample.close();
    }
  }

  /** Writes what the encoders still have. */
  async finish(): Promise<void> {
    await this.#waiting.drain();
    await this.#output.finalize();
  }
}
