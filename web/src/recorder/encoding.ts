import { givesFrames } from './bubble';
import { wantsCamera, wantsScreen, type Mode } from './capture';
import { checkClock, type ClockCheck, type Expected } from './clockCheck';
import { findCodecsType } from './codecsType';
import { Encoder } from './encoder';
import type { EncoderEvents, EncoderOptions } from './encoderEvents';
import { EncoderMonitor } from './encoderMonitor';
import {
  delayState,
  FEWEST_PICTURES,
  nextEncoderState,
  restartsOf,
  startingEncoder,
  type EncoderEvent,
  type EncoderState,
} from './encoderState';
import type { EndReason } from './endReason';
import { noMedia, type MediaTime } from './mediaTime';
import type { SpoolMedia } from './messages';
import { pictureLimits, type PictureLimit } from './pictureLimit';
import { encoderTypes, soundAloneType, standbyMs, type EncoderType } from './types';

export interface EncodingOptions extends EncoderOptions {
  /** Of a screen alone on which nothing moves there may come nothing for long: only what is steady can stand still. */
  expected: Expected;
}

export interface EncodingEvents extends EncoderEvents {
  onSlow(limit: PictureLimit): void;
}

/** So often within a minute another encoder is started in place of one that failed. */
export const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** An encoder, what is known of it, and what is done when it gives nothing or too little. */
export class Encoding {
  state: EncoderState = startingEncoder;
  readonly encoder: Encoder;
  #options: EncodingOptions;
  #events: EncodingEvents;
  #monitor = new EncoderMonitor();
  #time: MediaTime = noMedia;
  #gaps = 0; // in what has come
  #chunkAt = 0; // the recorder's clock when the encoder gave something last, or was started
  #restarts: number[] = []; // the recorder's clock at each
  #limits = [...pictureLimits];
  #inClip = { of: this.state, from: 0, state: this.state };
  #sources: string[]; // what is recorded from, for the log

  constructor(stream: MediaStream, options: EncodingOptions, events: EncodingEvents) {
    this.#options = options;
    this.#events = events;
    this.#sources = stream.getTracks().map((t) => `${t.kind} ${t.label} ${JSON.stringify(t.getSettings())}`);
    this.encoder = new Encoder(stream, options, {
      ...events,
      onChoose: (type, mimeType, startedAt) => {
        this.#monitor = new EncoderMonitor();
        this.#dispatch({ on: 'choose', soundAlone: type.soundAlone, missedMs: startedAt });
        events.onChoose(type, mimeType, startedAt);
      },
      onChunk: (blob) => {
        this.#chunkAt = options.clock();
        events.onChunk(blob);
      },
      onFailure: (isSuspicion) => this.#restart(isSuspicion),
    });
  }

  /**
   * What has come so far; `cameraRuns`: whether its pictures are new ones. Returns its seconds, and those the server has;
   * null when they cannot be known.
   */
  addMedia(media: SpoolMedia | null, cameraRuns = true): { recordedMs: number; durableMs: number } | null {
    if (!media) return null;
    const { time, durableMs, gap } = media;
    this.#time = time;
    this.#gaps = gap?.number ?? 0;
    const { name } = this.state;
    this.#dispatch({ on: 'media', ms: this.endMs, gap });
    if (name === 'restarting' || !cameraRuns)
      this.#forgetPictures(); // in the gap there are none
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

  /** Where the recording ends that the encoder ended when the clock showed this: nothing came of it since. */
  endedAt(clockMs: number): number {
    if (this.state.name === 'restarting') return this.state.atMs;
    return this.state.name === 'failed' ? this.endMs : clockMs;
  }

  /** The state in the times of the clip, where the file of this encoder begins at `startMs`; the same object while nothing changes. */
  stateInClip(startMs: number): EncoderState {
    const { of, from, state } = this.#inClip;
    if (of === this.state && from === startMs) return state;
    this.#inClip = { of: this.state, from: startMs, state: delayState(this.state, startMs) };
    return this.#inClip.state;
  }

  /** Where in the clip encoders failed and others went on. */
  restartsInClip = (startMs: number) => restartsOf(this.stateInClip(startMs));

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
    const isStalled = this.#monitor.stalledSince(elapsed, this.#time) !== null;
    const isLate = elapsed - this.#chunkAt >= standbyMs(this.encoder.mimeType, this.#options.screen);
    if (!isStalled) {
      if (isLate) this.#prepareRestart();
      return;
    }
    if (!this.encoder.hasChosen) this.#tryNext();
    else if (!isLate)
      this.#dispatch({ on: 'stall', atMs: this.endMs }); // bytes come, and no media is found in them
    else if (!this.#restart()) this.#giveUp();
  }

  #dispatch(event: EncoderEvent) {
    this.state = nextEncoderState(this.state, event);
  }

  #tryNext() {
    this.#monitor = new EncoderMonitor(this.#options.clock());
    const type = this.encoder.tryNext();
    if (type) this.#dispatch({ on: 'try', soundAlone: type.soundAlone });
    else this.#fail();
  }

  /** So that less is missing if nothing more comes of this one: another begins before that is certain. */
  #prepareRestart() {
    const type = this.#nextType();
    if (type) this.encoder.prepareRestart(type.alone);
  }

  /** Another encoder of the same kind, and sound alone as the last one, goes on in the same file. */
  #restart(isSuspicion = false): boolean {
    const type = this.#nextType();
    const atMs = this.endMs;
    if (!type || !this.encoder.restart(type.alone)) return false;
    const now = this.#options.clock();
    this.#restarts.push(now);
    this.#chunkAt = now;
    this.#monitor = new EncoderMonitor(now);
    this.#dispatch({ on: 'restart', atMs, after: this.#gaps, soundAlone: type.alone !== undefined, isSuspicion });
    return true;
  }

  /** What goes on in place of an encoder that fails now; null when too many have. */
  #nextType(): { alone: EncoderType | undefined } | null {
    const now = this.#options.clock();
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS);
    if (this.#restarts.length >= MAX_RESTARTS) return null;
    const isLast = this.#restarts.length === MAX_RESTARTS - 1;
    return { alone: isLast ? (this.#soundAloneType() ?? undefined) : undefined };
  }

  #soundAloneType(): EncoderType | null {
    const { picture, sound } = this.#options.expected;
    return picture && sound ? soundAloneType(this.encoder.mimeType, (t) => MediaRecorder.isTypeSupported(t)) : null;
  }

  /** One that was never restarted may still go on by itself; of several that give nothing no more is expected. */
  #giveUp() {
    if (this.#restarts.length > 0) this.#fail();
    else this.#dispatch({ on: 'stall', atMs: this.endMs });
  }

  #fail() {
    this.#dispatch({ on: 'fail' });
    this.encoder.stop(); // gives what it may have held back
  }

  /** A camera that is gone is no slow computer: the last picture is repeated now and then. */
  #forgetPictures() {
    this.#monitor.resetPictures();
    this.#dispatch({ on: 'pictures', perSecond: Infinity });
  }

  #judgePictures(pictures: number | null) {
    if (pictures === null) return;
    this.#dispatch({ on: 'pictures', perSecond: pictures });
    const limit = pictures < FEWEST_PICTURES && this.state.name === 'slow' ? this.#limits.shift() : undefined;
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
  const expected = { picture, sound, hasSteadyPicture: picture && wantsCamera(mode), isRepeated: picture && givesFrames() };
  const can = encoderTypes(picture, sound, (t) => MediaRecorder.isTypeSupported(t));
  const same = can.filter((t) => t.mimeType === mime);
  const types = [...same, ...can.filter((t) => !same.includes(t))];
  const screen = wantsScreen(mode);
  const encoding = new Encoding(stream, { types, screen, clock, expected }, events);
  if (picture) void findCodecsType(sound, screen).then((type) => type && encoding.encoder.offerType(type));
  return encoding;
}
