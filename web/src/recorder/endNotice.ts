import type { Mode } from './capture';
import type { Continues } from './meta';

/** What the page of a clip says of how its recording ended. It is kept for this tab alone, until it is closed. */
const keyOf = (clipId: string) => `tidings.ended.${clipId}`;

export interface EndNotice {
  title: string;
  text: string;
  /** Nobody pressed Stop: whoever looks elsewhere is to notice. */
  isUnexpected: boolean;
  /** It says that sound and picture do not end together, so the server's own check need not repeat it. */
  saysEndsDiffer?: boolean;
  /** How many gaps it says something of, each in all tracks. */
  namedGaps?: number;
  /** With which a recorder can go on in the same clip; none where its file cannot be continued. */
  continues?: Continues & { mode: Mode; atMs: number };
}

/** The server lets a recorder go on for an hour: a minute less, so that no button fails. */
const CONTINUE_MS = 59 * 60_000;

/** How long (ms) a recorder may still go on in the clip. */
export const continuableMs = (notice: EndNotice | null) =>
  notice?.continues ? Math.max(0, notice.continues.atMs + CONTINUE_MS - Date.now()) : 0;

/** Keeps it for the page of the clip. */
export function saveEndNotice(clipId: string, notice: EndNotice) {
  try {
    sessionStorage.setItem(keyOf(clipId), JSON.stringify(notice));
  } catch {
    // Without storage the notice was on the page of the recorder.
  }
}

export function loadEndNotice(clipId: string): EndNotice | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(clipId)) ?? 'null') as EndNotice | null;
  } catch {
    return null;
  }
}

export function removeEndNotice(clipId: string) {
  try {
    sessionStorage.removeItem(keyOf(clipId));
  } catch {
    // nothing was kept
  }
}
