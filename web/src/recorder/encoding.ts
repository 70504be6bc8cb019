import { wantsCamera, wantsScreen, type Mode } from './capture';
import { checkClock, type ClockCheck, type Expected } from './clockCheck';
import { Encoder, type EncoderEvents, type EncoderOptions } from './encoder';
import { EncoderMonitor, FEWEST_PICTURES, type EncoderState } from './encoderMonitor';
import type { EndReason } from './endReason';
import { noMedia, type MediaTime } from './mediaTime';
import type { SpoolMedia } from './messages';
import { pictureLimits, type PictureLimit } from './pictureLimit';
import { encoderTypes } from './types';

export interface EncodingOptions extends EncoderOptions {
  /** Of a screen alone on which nothing moves there may come nothing for long: only what is steady can stand still. */
  expected: Expected;
}

export interface EncodingEvents extends EncoderEvents {
  onSlow(limit: PictureLimit): void;
}

/** An encoder, what is known of it, and what is done when it gives nothing or too little. */
export class Encoding {
  state: EncoderState = { name: 'starting' };
  readonly encoder: Encoder;
  #options: EncodingOptions;
  #events: EncodingEvents;
  #monitor = new EncoderMonitor();
  #time: MediaTime = noMedia;
  #running: EncoderState = { name: 'starting' };
  #limits = [...pictureLimits];
  #sources: string[]; // what is recorded from, for the log

  constructor(stream: MediaStream, options: EncodingOptions, events: EncodingEvents) {
    this.#options = options;
    this.#events = events;
    this.#sources = stream.getTracks().map((t) => `${t.kind} ${t.label} ${JSON.stringify(t.getSettings())}`);
    this.encoder = new Encoder(stream, options, {
      ...events,
      onChoose: (type, mimeType, startedAt) => {
        this.#monitor = new EncoderMonitor();
        this.state = this.#running = { name: 'running', soundAlone: type.soundAlone, missedMs: startedAt };
        events.onChoose(type, mimeType, startedAt);
      },
    });
  }

  /**
   * What has come so far; `cameraRuns`: whether its pictures are new ones. Returns its seconds, and those the server has;
   * null when they cannot be known.
   */
  addMedia(media: SpoolMedia | null, cameraRuns = true): { recordedMs: number; durableMs: number } | null {
    if (!media) return null;
    const { time, durableMs } = media;
    this.#time = time;
    if (!cameraRuns) this.#forgetPictures();
    else if (this.#options.expected.hasSteadyPicture) this.#judgePictures(this.#monitor.picturesPerSecond(time));
    return time.isKnown ? { recordedMs: time.ms, durableMs } : null;
  }

  /** Where the file ends, in its own times; 0 when that cannot be known. */
  get endMs(): number {
    const { isKnown, video, audio } = this.#time;
    return isKnown ? Math.max(video?.to ?? 0, audio?.to ?? 0) : 0;
  }

  /** Why the encoder ended by itself, or null when it is not the encoder's fault. */
  endReason(error: string): EndReason | null {
    if (error) return 'encoder';
    return this.state.name === 'failed' ? 'stalled' : null;
  }

  /** Compares what was recorded with the clock, for the page of the clip and for whoever looks for the cause. */
  checkClock(clockMs: number): ClockCheck | null {
    const check = checkClock(clockMs, this.#time, this.#options.expected);
    const { mimeType } = this.encoder;
    const known = { clockMs: Math.round(clockMs), time: this.#time, mimeType, sources: this.#sources, browser: navigator.userAgent };
    if (check) console.warn('tidings: the recording differs from its clock', { ...check, ...known });
    return check;
  }

  /** To be called several times a second with the recorder's clock, while it runs. */
  watch(elapsed: number) {
    const { sound, hasSteadyPicture } = this.#options.expected;
    if (this.state.name === 'failed' || !(sound || hasSteadyPicture)) return;
    const since = this.#monitor.stalledSince(elapsed, this.#time);
    if (since === null) {
      if (this.state.name === 'stalled') this.state = this.#running;
    } else if (this.encoder.hasChosen) {
      if (this.state.name !== 'stalled') this.state = { name: 'stalled', atMs: since };
    } else this.#tryNext();
  }

  #tryNext() {
    this.#monitor = new EncoderMonitor(this.#options.clock());
    const type = this.encoder.tryNext();
    if (type) {
      this.state = { name: 'trying', soundAlone: type.soundAlone };
      return;
    }
    this.state = { name: 'failed' };
    this.encoder.stop(); // gives what it may have held back
  }

  /** A camera that is gone is no slow computer: the last picture is repeated now and then. */
  #forgetPictures() {
    this.#monitor.resetPictures();
    if (this.state.name === 'slow') this.state = this.#running;
  }

  #judgePictures(pictures: number | null) {
    if (pictures === null || this.state.name === 'stalled') return;
    if (pictures >= FEWEST_PICTURES) {
      this.state = this.#running;
      return;
    }
    this.state = { name: 'slow', pictures };
    const limit = this.#limits.shift();
    if (!limit) return;
    this.#monitor.resetPictures();
    this.#events.onSlow(limit);
  }
}

/**
 * An encoder for what is recorded in this mode. `clock` is the recorder's, which pauses do not move; `mime` is the type to
 * begin with, where the browser writes it, or ''.
 */
export function openEncoding(stream: MediaStream, mode: Mode, clock: () => number, mime: string, events: EncodingEvents): Encoding {
  const picture = stream.getVideoTracks().length > 0;
  const sound = stream.getAudioTracks().length > 0;
  // Cameras give pictures at a steady rate; a screen gives them when something moves.
  const expected = { picture, sound, hasSteadyPicture: picture && wantsCamera(mode) };
  const can = encoderTypes(picture, sound, (t) => MediaRecorder.isTypeSupported(t));
  const same = can.filter((t) => t.mimeType === mime);
  const types = [...same, ...can.filter((t) => !same.includes(t))];
  return new Encoding(stream, { types, screen: wantsScreen(mode), clock, expected }, events);
}
