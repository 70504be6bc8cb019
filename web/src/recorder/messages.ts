/** What the recording page and its spool worker say to each other. */
import type { MediaTime } from './mediaTime';
import type { Meta } from './meta';
import type { UploadTrouble } from './request';

export type ToSpool =
  | { type: 'begin'; meta: Meta } // a new recording
  | { type: 'resume'; id: string; discard?: boolean } // one that is on the disk; to be thrown away at once if so
  | { type: 'chunk'; blob: Blob; lengthMs: number }
  | { type: 'sound'; from: FollowSound | null } // of what is recorded, to be encoded a second time; null: none
  | { type: 'join'; atMs: number } // the next chunks are of another encoder that began at atMs
  | { type: 'mime'; mime: string } // of what is recorded, once an encoder gives something
  | { type: 'title'; title: string }
  | { type: 'seal' }
  | { type: 'export' } // asks for what is here of it, as a file
  | { type: 'hold'; code: string } // stops sending, as if the server had refused with this code
  | { type: 'retry' } // after a refusal that may be over (quota)
  | { type: 'renew' } // send all of it again, as a new clip
  | { type: 'discard' };

/** Sound of which what is captured at `startedAt` (ms of the computer's clock) is at `startMs` in the file. */
export interface FollowSound {
  frames: ReadableStream<AudioData>;
  startedAt: number;
  startMs: number;
}

export interface SpoolProgress {
  recorded: number; // bytes
  onDisk: number; // of these in the browser's private file system
  durable: number; // of these on the server's disk
  inMemory: number; // neither: lost with the tab
}

/** What is missing in a recording where another encoder went on. */
export interface MediaGap {
  number: number; // from 1 on
  atMs: number; // where the first encoder's media ends
  missedMs: number; // from there to the second one's
}

/** What is in the bytes of a recording. */
export interface SpoolMedia {
  time: MediaTime;
  durableMs: number; // of media on the server's disk
  gap: MediaGap | null; // the last one
}

/** What this computer holds of a recording from its beginning on. */
export interface RecordedFile {
  file: Blob;
  endMs: number; // where the file ends
  lengthMs: number; // where the recording ends; beyond endMs it is on the server alone
}

export type FromSpool =
  | { type: 'opened'; disk: boolean } // false: no private file system, the recording is in memory only
  | { type: 'clip'; id: string; shareUrl: string }
  | ({ type: 'standing'; media: SpoolMedia | null } & SpoolProgress) // media: null until the recording of an older page was read
  | { type: 'trouble'; trouble: UploadTrouble | null }
  | { type: 'proxy_limit'; bytes: number } // a proxy refused a part of this size: it goes on in smaller ones
  | { type: 'separate'; why: string } // it cannot go on in the clip it was meant for: it becomes one of its own
  | ({ type: 'exported' } & RecordedFile)
  | { type: 'refused'; code: string; message: string; whole: boolean } // whole: every byte is still here
  | { type: 'done'; clipId: string; answered: string | null } // answered: the clip whose comment this replies to
  | { type: 'discarded' }
  | { type: 'failed'; message: string };

/** The Web Lock that says "some tab is busy with this recording". It dies with the tab. */
export const lockName = (id: string) => `tidings-recording:${id}`;

/** The folder in the private file system; each recording is a folder in it with these two files. */
export const spoolFolder = 'recordings';
export const dataFile = 'data';
export const metaFile = 'meta.json';
