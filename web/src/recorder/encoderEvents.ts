import type { EncoderType } from './types';

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

/** What the encoder says to whoever decides what becomes of it. */
export interface EncoderControl extends EncoderEvents {
  /**
   * The chosen encoder failed, or is only suspected to when the recording is stopped. True: another one goes on in its
   * place (`restart`); false: the recording ends.
   */
  onFailure(isSuspicion: boolean): boolean;
}

export interface EncoderOptions {
  types: EncoderType[];
  screen: boolean;
  /** The recorder's clock (ms), which pauses do not move. */
  clock: () => number;
}
