/** What ends a recording, or the place for it, from outside; null = not known, or no limit. */
export interface Limits {
  lengthMs: number; // the longest clip
  bytes: number | null; // the largest recording that the server takes
  workspaceBytes: number | null; // for which the workspace has room
  diskBytes: number | null; // for which the browser has room on this computer
}

/** The recording so far. */
export interface Extent {
  ms: number; // by the clock
  bytes: number;
  behindMs?: number; // of the encoder: it has yet to hand out so much
}

export type LimitKind = 'length' | 'bytes' | 'workspaceBytes' | 'diskBytes';

export interface ApproachingLimit {
  kind: LimitKind;
  leftMs: number;
}

/** Limits are said this long before they are reached. */
const NOTICE = 5 * 60_000;

/** The longest clip, as the server has it (MaxClipMS). */
export const longestClip = 12 * 60 * 60_000;

/** An encoder hands out what it has every few seconds, and at the end: so much recording fits below the limits then. */
const RESERVE = 4000; // ms

/** Rates of the first seconds say nothing: encoders begin with a key frame. */
const SHORTEST = 3000; // ms

/** The limit that is reached first, within five minutes. `before` is the recording half a minute ago. */
export function approachingLimit(now: Extent, before: Extent, limits: Limits): ApproachingLimit | null {
  const rate = Math.max(rateOf(now, { ms: 0, bytes: 0 }), rateOf(now, before));
  const reserve = RESERVE + (now.behindMs ?? 0);
  const left = (bytes: number | null) => (bytes === null || rate === 0 ? Infinity : Math.max(0, (bytes - now.bytes) / rate - reserve));
  const all: ApproachingLimit[] = [
    { kind: 'length', leftMs: Math.max(0, limits.lengthMs - now.ms - RESERVE) },
    { kind: 'bytes', leftMs: left(limits.bytes) },
    { kind: 'workspaceBytes', leftMs: left(limits.workspaceBytes) },
    { kind: 'diskBytes', leftMs: left(limits.diskBytes) },
  ];
  const first = all.reduce((a, b) => (b.leftMs < a.leftMs ? b : a));
  return first.leftMs <= NOTICE ? first : null;
}

/** Bytes a millisecond of what the encoder made between two states; 0 when too little is between them. */
function rateOf(now: Extent, before: Extent): number {
  const ms = encodedMs(now) - encodedMs(before);
  return ms < SHORTEST ? 0 : (now.bytes - before.bytes) / ms;
}

const encodedMs = ({ ms, behindMs = 0 }: Extent) => ms - behindMs;

/** Whether the recording is stopped by itself at this limit: what came after would not become part of the clip. */
export const stopsAt = (kind: LimitKind) => kind === 'length' || kind === 'bytes';
