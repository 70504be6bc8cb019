import { loadStored, saveStored } from '../lib/storage';
import { PlayRequest } from './playRequest';
import { clampStored, maxRate, minRate } from './rates';
import { skipSpoken, silenceEnd, silenceWithin } from './silences';
import { reachableEnd, toSpans } from './ranges';
import { StallDetector } from './stall';
import { clampToSpan, loadedUntil, type Span } from './timeline';

/** The events of a media element that change the state of playback. */
const mediaEvents = [
  'loadedmetadata',
  'durationchange',
  'timeupdate',
  'seeking',
  'seeked',
  'play',
  'playing',
  'pause',
  'ended',
  'waiting',
  'canplay',
  'progress',
  'volumechange',
  'ratechange',
] as const;

/**
 * The state of playback, shared by the page: the player's controls, the transcript, the comments and the captions read
 * and change it here. Times are seconds of the clip.
 */
export class Playback {
  time = $state(0);
  paused = $state(true);
  ended = $state(false);
  waiting = $state(false); // should play, but waits for data
  started = $state(false); // has been played at least once
  rate = $state(1);
  volume = $state(1);
  muted = $state(false);
  loaded = $state<Span[]>([]);
  /** End of what can be reached now; grows while the clip is recorded. */
  reachableEnd = $state(0);
  /** play() was refused because the page had no user gesture yet. */
  autoplayBlocked = $state(false);
  /** The silences, in time order. */
  silences = $state.raw<readonly Span[]>([]);
  /** Whether silences are skipped. */
  skipSilences = $state(false);

  #liveEdge = $state<number | null>(null);
  #limits = $state.raw<{ start: number; end: number | null }>({ start: 0, end: null });
  #length = $state(0); // the server's, until the file's own is known
  #media: HTMLMediaElement | undefined;
  #pendingSeek: number | null = null; // a seek before there is anything to seek in
  #frame = 0;
  #stall = new StallDetector();
  #positionChosen = false; // the viewer or a link chose a position
  #endedAtEdge = false; // the element ended, though the clip is still being recorded
  #playRequest = new PlayRequest();

  constructor(durationMs: number | null = null, limits: { start_ms?: number | null; end_ms?: number | null } = {}) {
    this.#length = (durationMs ?? 0) / 1000;
    this.#limits = { start: (limits.start_ms ?? 0) / 1000, end: limits.end_ms == null ? null : limits.end_ms / 1000 };
    this.time = this.#limits.start;
    this.rate = clampStored(loadStored('rate', 1), minRate, maxRate, 1);
    this.volume = clampStored(loadStored('volume', 1), 0, 1, 1);
    this.muted = loadStored<unknown>('muted', false) === true;
    this.skipSilences = loadStored<unknown>('skipSilences', false) === true;
  }

  /** The part of the clip that may be watched. */
  get span(): Span {
    const known = Math.max(this.reachableEnd, this.#length, this.time);
    return { start: this.#limits.start, end: Math.min(this.#limits.end ?? Infinity, known) };
  }

  /** Whether a position (ms) may be watched: outside of a link's part nothing is shown. */
  isWatchable(ms: number): boolean {
    const { start, end } = this.#limits;
    return ms >= start * 1000 && (end === null || ms <= end * 1000);
  }

  /** How far the loaded stretch under the playhead reaches. */
  get bufferedUntil(): number {
    return loadedUntil(this.loaded, this.time);
  }

  /** The live edge while recording, seconds; null otherwise. */
  get liveEdge(): number | null {
    return this.#liveEdge;
  }

  set liveEdge(at: number | null) {
    this.#liveEdge = at;
    if (at === null && this.#endedAtEdge && this.#media) this.#onMediaEvent('ended'); // there comes no more
  }

  /** Seconds behind the live edge; 0 when nothing is live. */
  get secondsBehindLive(): number {
    return this.liveEdge === null ? 0 : Math.max(0, this.liveEdge - this.time);
  }

  get media(): HTMLMediaElement | undefined {
    return this.#media;
  }

  /** The length as the server last reported it. */
  set durationMs(ms: number | null) {
    if (ms !== null) this.#length = ms / 1000;
  }

  /** Attaches an element; returns the function that detaches it. */
  attach(media: HTMLMediaElement): () => void {
    this.#media = media;
    media.volume = this.volume;
    media.muted = this.muted;
    media.defaultPlaybackRate = media.playbackRate = this.rate;
    const stops = mediaEvents.map((name) => {
      const on = () => this.#onMediaEvent(name);
      media.addEventListener(name, on);
      return () => media.removeEventListener(name, on);
    });
    return () => {
      stops.forEach((stop) => stop());
      cancelAnimationFrame(this.#frame);
      if (this.#media === media) this.#media = undefined;
      this.paused = true;
      this.waiting = false;
    };
  }

  /** Goes to a second. Quick keys add up, because `time` moves at once and not when the element has followed. */
  seek(t: number, play = false): void {
    this.#positionChosen = true;
    this.time = clampToSpan(t, this.span);
    this.ended = false;
    if (this.#media && this.#media.readyState > 0) this.#media.currentTime = this.time;
    else this.#pendingSeek = this.time;
    if (play) this.play();
  }

  /** Where to begin, before anything is loaded; while recording the end is not known yet. */
  startAt(t: number): void {
    const end = this.#limits.end ?? (this.#length || Infinity);
    this.#positionChosen = true;
    this.seekWhenLoaded(Math.min(Math.max(t, this.#limits.start), end));
  }

  /** The source is about to be loaded again: seeks to `t` as soon as that is possible. */
  seekWhenLoaded(t: number): void {
    this.time = t;
    this.#pendingSeek = t;
  }

  skipBy = (by: number): void => this.seek(this.skipSilences ? skipSpoken(this.silences, this.time, by) : this.time + by);

  /** Seconds that skipping silences saves, at the present rate. */
  get silenceSeconds(): number {
    return silenceWithin(this.silences, this.span) / this.rate;
  }

  setSkipSilences = (skipping: boolean): void => {
    this.skipSilences = skipping;
    saveStored('skipSilences', skipping);
  };

  play = (): void => {
    if (this.#isAtEnd()) this.seek(this.span.start);
    else if (this.liveEdge !== null && !this.started && !this.#positionChosen) this.seek(this.liveEdge); // a late viewer joins at the live edge
    this.started = true;
    this.autoplayBlocked = false;
    if (this.#media?.ended && this.liveEdge !== null) {
      this.#onMediaEvent('ended'); // an ended element would begin again at its start
      return;
    }
    if (this.#media) this.#playRequest.begin(this.#media, () => (this.autoplayBlocked = true));
  };

  pause = (): void => {
    this.#playRequest.cancel();
    this.#media?.pause();
    if (!this.#endedAtEdge) return;
    this.#endedAtEdge = false;
    this.paused = true;
    this.waiting = false;
  };

  toggle = (): void => (this.paused ? this.play() : this.pause());

  /** To a few seconds behind what is being recorded. */
  seekToLive = (): void => {
    if (this.liveEdge !== null) this.seek(this.liveEdge, true);
  };

  setRate(rate: number): void {
    this.rate = clampStored(Math.round(rate * 100) / 100, minRate, maxRate, 1);
    if (this.#media) this.#media.defaultPlaybackRate = this.#media.playbackRate = this.rate;
    saveStored('rate', this.rate);
  }

  changeRate = (by: number): void => this.setRate(this.rate + by);

  setVolume(volume: number): void {
    this.volume = clampStored(volume, 0, 1, 1);
    this.setMuted(this.volume === 0);
    if (this.#media) this.#media.volume = this.volume;
    saveStored('volume', this.volume);
  }

  changeVolume = (by: number): void => this.setVolume((this.muted ? 0 : this.volume) + by);

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (!muted && this.volume === 0) this.volume = 0.5;
    if (this.#media) {
      this.#media.muted = muted;
      this.#media.volume = this.volume;
    }
    saveStored('muted', muted);
  }

  #isAtEnd(): boolean {
    return this.ended || (this.#limits.end !== null && this.time >= this.#limits.end - 0.05);
  }

  #onMediaEvent(name: (typeof mediaEvents)[number]): void {
    const media = this.#media!;
    if (name === 'loadedmetadata' && this.#pendingSeek !== null) {
      if (media.currentTime !== this.#pendingSeek) media.currentTime = this.#pendingSeek; // WebKitGTK may hang in a needless seek
      this.#pendingSeek = null;
    }
    if (name === 'playing') this.autoplayBlocked = false;
    if (name === 'pause') this.#playRequest.cancel();
    this.#waitAtEdge(media, name === 'ended');
    this.paused = media.paused && !this.#endedAtEdge;
    this.ended = media.ended && this.liveEdge === null;
    this.#readWaiting(media);
    this.loaded = toSpans(media.buffered);
    this.reachableEnd = reachableEnd(media) ?? this.reachableEnd;
    this.#readPosition(media);
    if (!media.paused) {
      this.started = true;
      this.#trackFrames();
    }
  }

  #readWaiting(media: HTMLMediaElement): void {
    this.waiting = this.#endedAtEdge || this.#stall.isStalled(media, performance.now());
  }

  /** At the live edge an element may end for good, as WebKit's does: it plays on once there is more. */
  #waitAtEdge(media: HTMLMediaElement, hasEnded: boolean): void {
    if (this.liveEdge === null) this.#endedAtEdge = false;
    else if (hasEnded) this.#endedAtEdge = true;
    if (!this.#endedAtEdge || media.ended || loadedUntil(toSpans(media.buffered), media.currentTime) <= media.currentTime) return;

    this.#endedAtEdge = false;
    this.play();
  }

  /** Between timeupdate events (four a second) the words under the playhead would be late: each frame asks. */
  #trackFrames = (): void => {
    cancelAnimationFrame(this.#frame);
    const media = this.#media;
    if (!media || media.paused) return;
    this.#readPosition(media);
    this.#readWaiting(media);
    this.#frame = requestAnimationFrame(this.#trackFrames);
  };

  /** Reads the position of the element, unless it is seeking or its source is being loaded again. */
  #readPosition(media: HTMLMediaElement): void {
    if (media.readyState > 0 && this.#pendingSeek === null && !media.seeking) this.#setPosition(media.currentTime);
  }

  /** At the beginning of a silence, to its end; only while playing, and never where nothing is loaded yet. */
  #skipSilence(t: number): void {
    const to = silenceEnd(this.silences, t);
    const media = this.#media;
    if (to === null || !media || media.paused || this.liveEdge !== null || to > this.span.end - 0.1) return;
    media.currentTime = to;
  }

  #setPosition(t: number): void {
    const end = this.#limits.end;
    this.time = Math.max(t, this.#limits.start);
    if (t < this.#limits.start - 0.25 && this.#media) this.#media.currentTime = this.#limits.start;
    if (this.skipSilences) this.#skipSilence(t);
    if (end !== null && t >= end) {
      this.time = end;
      if (this.#media && !this.#media.paused) this.#media.pause();
    }
  }
}
