import type { EncoderState } from './encoderState';
import type { SpoolProgress } from './messages';
import type { Problem } from './phase';
import { encoderNotice } from './problem/encoder';
import { fullDisk, proxyLimitNotice, restIsComing, savedWords, troubleNotice } from './problem/sending';
import type { UploadTrouble } from './request';

/** What is known about where the recording's bytes are. */
export interface SaveState extends SpoolProgress {
  disk: boolean; // whether this browser keeps them on disk at all
  trouble: UploadTrouble | null;
  refusal: Problem | null;
  proxyLimit: number; // bytes of the last part that a proxy refused; 0 = none
  encoder: EncoderState | null; // of a recording that runs
  media: { recordedMs: number; durableMs: number } | null; // null: only the bytes are known
}

export const initialSaveState: SaveState = {
  recorded: 0,
  onDisk: 0,
  durable: 0,
  inMemory: 0,
  disk: true,
  trouble: null,
  refusal: null,
  proxyLimit: 0,
  encoder: null,
  media: null,
};

export interface SaveSummary {
  tone: 'ok' | 'busy' | 'warn' | 'danger';
  text: string; // short, beside the clock
  more: string; // a sentence, or ''
}

/** Bytes that are neither on a disk here nor on the server for longer than a moment. */
const UNSAVED_LIMIT = 4_000_000;

/** Whether this computer's disk has all that is not on the server. */
export const isOnDisk = (k: SaveState) => k.disk && k.inMemory === 0;

/** The state of the recording's bytes, in words. */
export function summarizeSaved(k: SaveState): SaveSummary {
  const left = Math.max(0, k.recorded - k.durable);
  const here = isOnDisk(k);
  const stuck = k.encoder && encoderNotice(k.encoder);
  if (stuck?.tone === 'danger') return stuck; // a refusal has a card of its own
  if (k.refusal) return { tone: here ? 'warn' : 'danger', text: here ? savedWords.kept(0) : savedWords.onlyHere, more: k.refusal.text };
  if (k.trouble) return summarizeTrouble(k, k.trouble, left, here);
  const full = k.disk && k.recorded > k.onDisk;
  if (k.inMemory > UNSAVED_LIMIT) return { tone: 'danger', text: savedWords.onlyInMemory(k.inMemory), more: k.disk ? fullDisk : '' };
  // A file's head is no recording: nothing is saved before the first second of media.
  if (k.recorded === 0 || (k.media && k.media.recordedMs < 1000)) return { tone: 'busy', text: savedWords.starting, more: '' };
  const notice = proxyLimitNotice(k.proxyLimit);
  const isClose = left < 1_500_000 && k.media?.durableMs !== 0;
  if (isClose) return { tone: full ? 'warn' : 'ok', text: savedWords.saved(k.media, k.durable), more: full ? fullDisk : notice };
  return {
    tone: 'busy',
    text: savedWords.savedOf(k.media, k),
    more: here ? `${restIsComing} ${notice}`.trim() : full ? fullDisk : notice,
  };
}

function summarizeTrouble(k: SaveState, trouble: UploadTrouble, left: number, here: boolean): SaveSummary {
  return {
    tone: here ? 'warn' : 'danger',
    text: here ? savedWords.kept(left, k.media) : savedWords.onlyInTab(k.inMemory || left),
    more: troubleNotice(trouble, here),
  };
}
