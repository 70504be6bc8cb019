import type { Destination } from '../lib/destination';

/** What is kept beside a recording's bytes, so that another page load can go on where this one broke off. */
export interface Meta {
  id: string; // of the recording on this computer
  key: string; // under which its clip is asked for (Idempotency-Key); a new one when all is sent again
  createdAt: number; // ms since 1970
  userId: string; // the owner: another account in this browser does not see it
  workspaceId: string;
  kind: 'screen' | 'camera' | 'screen_camera' | 'voice';
  mime: string;
  title: string; // as typed here; '' = the server's own
  savedTitle: string; // what the server has of it
  language?: string; // BCP 47, when one was chosen
  reply: ReplyTo | null;
  place?: Destination; // who is to see it, under the name that is stored on disk; recordings of older pages have none
  lengthMs: number; // recorded so far
  onDiskMs?: number; // of these on this disk; recordings of older pages have all
  sealed: boolean; // nothing more will be recorded
  discarded: boolean; // to be removed here and on the server
  clipId: string | null;
  path: string | null; // of the upload
  continues?: Continues; // it goes on in a clip that is there already
}

/** The recording that another one continues. */
export interface Continues {
  clipId: string;
  startMs: number; // where it ended, in the times of its file
  mime: string;
  offset?: number; // its size in bytes, once the server has opened its upload again
  number?: number; // how often it has been continued then
}

/** What is replied to: a comment, with its clip when that is known; without a comment the clip itself, in a new thread. */
export interface ReplyTo {
  commentId: string | null;
  clipId: string | null;
  atMs?: number | null; // the moment of the thread in the clip
}

/** How much of a recording is on this disk. */
export const heldMs = (meta: Pick<Meta, 'lengthMs' | 'onDiskMs'>) => meta.onDiskMs ?? meta.lengthMs;

/** A block of this size is written in one piece, in place: a crash leaves the old text or the new one. */
const BLOCK = 4096;

/** JSON, filled up with spaces to whole blocks and never shorter than what it replaces (`atLeast` bytes). */
export function encodeMeta(meta: Meta, atLeast = 0): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(meta));
  const block = new Uint8Array(Math.max(atLeast, Math.ceil(text.length / BLOCK) * BLOCK)).fill(32);
  block.set(text);
  return block;
}

/** null when it is not what encodeMeta wrote. */
export function decodeMeta(block: Uint8Array | string): Meta | null {
  try {
    const meta = JSON.parse(typeof block === 'string' ? block : new TextDecoder().decode(block)) as Meta;
    return typeof meta.id === 'string' &&
      typeof meta.createdAt === 'number' &&
      typeof meta.workspaceId === 'string' &&
      typeof meta.userId === 'string'
      ? meta
      : null;
  } catch {
    return null;
  }
}
