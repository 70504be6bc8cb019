/**
 * A part of the spool’s worker: encodes the sound of a recording a second time. An encoder that writes MP4 with a picture
 * hands out a fragment at a time, in events of the page: what it holds is lost with a page that is left. This sound stands
 * at the end of the file on the disk until the fragment has come. The page has no part in it once it has begun.
 */
import { CaptureClock } from './captureClock';
import type { FollowSound } from './messages';
import { findSoundTrack, makeSoundFragment } from './soundFragment';

/** More (ms) than this is never waiting for a fragment of the encoder. */
const LONGEST_MS = 10_000;

/** So much (ms) is written at once. */
const BATCH_MS = 100;

const BITRATE = 96_000;

const clockNow = () => performance.timeOrigin + performance.now();

/** The name that WebCodecs has for the sound in a file of this type; null where no fragment of it is made. */
export const soundCodecOf = (mimeType: string): string | null => /^video\/mp4;.*\b(opus|mp4a\.40\.2)/.exec(mimeType)?.[1] ?? null;

/** What the encoder made of a moment; `atMs`: in what it was given. */
interface Packet {
  atMs: number;
  durationMs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class ProvisionalSound {
  #packets: Packet[] = [];
  #given = 0; // of these, in fragments
  #endMs = 0; // of the last fragment, in the file
  #laterMs = 0; // what was heard first is there in the file
  #encodedMs = 0;
  #encoder: AudioEncoder | null = null;
  #reader: ReadableStreamDefaultReader<AudioData> | null = null;
  #description: Uint8Array | null = null; // of what the encoder gives

  /** `onPacket`: some more is there. */
  constructor(
    private codec: string,
    private onPacket: () => void,
  ) {}

  /** Encodes this sound instead of the one before. */
  async follow({ frames, startedAt, startMs }: FollowSound) {
    this.stop();
    const reader = (this.#reader = frames.getReader());
    const clock = new CaptureClock();
    let heardMs = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      if (this.#reader !== reader) return value.close();
      const capturedAt = clock.timeOf(heardMs, clockNow());
      this.#laterMs = capturedAt - heardMs - startedAt + startMs;
      heardMs += (value.numberOfFrames * 1000) / value.sampleRate;
      this.#encode(value);
    }
  }

  /** No more of it is wanted. */
  stop() {
    void this.#reader?.cancel().catch(() => {});
    if (this.#encoder?.state === 'configured') this.#encoder.close();
    this.#reader = this.#encoder = null;
    this.#packets = [];
    this.#given = this.#encodedMs = 0;
  }

  /** All that was heard after this moment of the file, which begins so; what was before is not asked for again. */
  fragmentAfter(ms: number, head: Uint8Array): Uint8Array<ArrayBuffer> | null {
    this.#packets = this.#packets.filter((p) => p.atMs + this.#laterMs >= ms);
    this.#given = 0;
    this.#endMs = ms;
    return this.#makeFragment(head);
  }

  /** What was heard since the last fragment, once it is enough; `ms`: where the file ends without any. */
  nextFragment(ms: number, head: Uint8Array): Uint8Array<ArrayBuffer> | null {
    const length = this.#packets.slice(this.#given).reduce((sum, p) => sum + p.durationMs, 0);
    if (length < BATCH_MS) return null;
    return this.#given === 0 ? this.fragmentAfter(ms, head) : this.#makeFragment(head);
  }

  #makeFragment(head: Uint8Array): Uint8Array<ArrayBuffer> | null {
    const packets = this.#packets.slice(this.#given);
    const track = findSoundTrack(head);
    if (!track || !packets[0] || !this.#fits(head)) return null;
    this.#given = this.#packets.length;
    const startMs = Math.max(this.#endMs, packets[0].atMs + this.#laterMs); // times never go back
    this.#endMs = startMs + packets.reduce((ms, p) => ms + p.durationMs, 0);
    return makeSoundFragment(track, startMs, packets);
  }

  /** Whether it can be decoded in the file that begins so: AAC as its description there says, Opus in any. */
  #fits(head: Uint8Array): boolean {
    if (this.codec === 'opus') return true;
    return this.#description !== null && textOf(head).includes(textOf(this.#description));
  }

  #encode(data: AudioData) {
    this.#encoder ??= this.#openEncoder(data);
    if (this.#encoder.state === 'configured') this.#encoder.encode(data);
    data.close();
  }

  #openEncoder({ sampleRate, numberOfChannels }: AudioData): AudioEncoder {
    const encoder = new AudioEncoder({
      output: (chunk, metadata) => {
        const description = metadata?.decoderConfig?.description;
        if (description) this.#description = bytesOf(description);
        if (this.#encoder === encoder) this.#addPacket(chunk);
      },
      error: () => {}, // the recording itself goes on
    });
    encoder.configure({ codec: this.codec, sampleRate, numberOfChannels, bitrate: BITRATE });
    return encoder;
  }

  #addPacket(chunk: EncodedAudioChunk) {
    const durationMs = (chunk.duration ?? 0) / 1000;
    const atMs = this.#encodedMs;
    this.#encodedMs += durationMs;
    if (this.#packets[0] && atMs - this.#packets[0].atMs > LONGEST_MS) return; // the first of it is what would be missing
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    this.#packets.push({ atMs, durationMs, bytes });
    this.onPacket();
  }
}

const textOf = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
  ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
