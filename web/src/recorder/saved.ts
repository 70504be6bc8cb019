import { formatBytes, formatClock } from '../lib/time';
import type { EncoderState } from './encoderMonitor';
import type { SpoolProgress } from './messages';
import type { Problem } from './phase';
import { encoderNotice } from './problem';
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

/** The words that become a link where the layout has space for one. */
export const signIn = 'Sign in in another tab';

const causes: Record<UploadTrouble, string> = {
  offline: 'You are offline.',
  unreachable: 'The server cannot be reached.',
  failing: 'The server has trouble.',
  full: 'The server has no space left.',
  busy: 'The server is busy.',
  signed_out: 'Your session has ended.',
};

const fullDisk = 'The browser has no more room on this computer’s disk. Keep the tab open until everything is sent.';

/** Says that a proxy refused a part of so many bytes, and that nothing needs to be done; '' for 0. */
export const proxyLimitNotice = (bytes: number) =>
  bytes ? `The proxy in front of the server takes less than ${formatBytes(bytes)} in one request: smaller parts are sent.` : '';

/** Bytes that are neither on a disk here nor on the server for longer than a moment. */
const UNSAVED_LIMIT = 4_000_000;

/** The state of the recording's bytes, in words. */
export function summarizeSaved(k: SaveState): SaveSummary {
  const left = Math.max(0, k.recorded - k.durable);
  const here = k.disk && k.inMemory === 0;
  if (k.refusal) return { tone: here ? 'warn' : 'danger', text: here ? 'Kept on this computer' : 'Only in this tab', more: k.refusal.text };
  const stuck = k.encoder && encoderNotice(k.encoder);
  if (stuck?.tone === 'danger') return stuck;
  if (k.trouble) return summarizeTrouble(k, left, here);
  const full = k.disk && k.recorded > k.onDisk;
  if (k.inMemory > UNSAVED_LIMIT)
    return { tone: 'danger', text: `${formatBytes(k.inMemory)} only in memory`, more: k.disk ? fullDisk : '' };
  // A file's head is no recording: nothing is saved before the first second of media.
  if (k.recorded === 0 || k.media?.recordedMs === 0) return { tone: 'busy', text: 'Starting…', more: '' };
  const notice = proxyLimitNotice(k.proxyLimit);
  const isClose = left < 1_500_000 && k.media?.durableMs !== 0;
  if (isClose) return { tone: full ? 'warn' : 'ok', text: `Saved, ${savedAmount(k)}`, more: full ? fullDisk : notice };
  return {
    tone: 'busy',
    text: k.media
      ? `Saved ${formatClock(k.media.durableMs)} of ${formatClock(k.media.recordedMs)}`
      : `Saved ${formatBytes(k.durable)} of ${formatBytes(k.recorded)}`,
    more: here ? `The rest is on this computer and on its way. ${notice}`.trim() : full ? fullDisk : notice,
  };
}

const savedAmount = (k: SaveState) => (k.media ? `${formatClock(k.media.durableMs)} (${formatBytes(k.durable)})` : formatBytes(k.durable));

function summarizeTrouble(k: SaveState, left: number, here: boolean): SaveSummary {
  const cause = causes[k.trouble!];
  if (!here)
    return {
      tone: 'danger',
      text: `${formatBytes(k.inMemory || left)} only in this tab`,
      more: `${cause} This browser has no room to keep the recording: leave the tab open until it is sent.`,
    };
  const go = k.trouble === 'signed_out' ? `${signIn} and it goes on by itself.` : 'It goes on by itself when this is over.';
  return {
    tone: 'warn',
    text: left ? `Kept on this computer, ${formatBytes(left)} to send` : 'Kept on this computer',
    more: `${cause} ${go}`,
  };
}
