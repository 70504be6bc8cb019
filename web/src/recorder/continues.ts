import { api, unwrap } from '../lib/api/client';
import type { Destination } from '../lib/destination';
import type { Mode } from './capture';
import { canContinueType } from './continuation';
import { continuableMs, loadEndNotice, removeEndNotice, saveEndNotice, type EndNotice } from './endNotice';
import type { Ending } from './endReason';
import type { Continues } from './meta';
import { separateNotice } from './problem/continuing';

/** A recording that has ended. */
interface Ended {
  notice: EndNotice | null;
  ending: Ending | null;
  separated: string | null;
  continues: Continues | null; // what it went on in
  endMs: number; // of its own file; 0: nobody knows
  mime: string;
  mode: Mode;
}

/** Keeps what the page of the clip says of its end, and what is needed to go on in it. */
export function keepEndNotice(clipId: string, answered: string | null, r: Ended) {
  const notice = joinNotices(r.separated === null ? null : separateNotice(r.separated), r.notice);
  const page = answered ?? clipId;
  if (!notice) return removeEndNotice(page); // of the recording before, which this one went on in
  const canContinue = r.ending !== null && answered === null && r.endMs > 0 && canContinueType(r.mime);
  const startMs = Math.ceil(r.endMs + (r.continues?.startMs ?? 0));
  const continues = { clipId, startMs, mime: r.mime, mode: r.mode, atMs: Date.now() };
  saveEndNotice(page, { ...notice, ...(canContinue && { continues }) });
}

/** The first one's title, and what the second one has to say after it. */
function joinNotices(first: EndNotice | null, second: EndNotice | null): EndNotice | null {
  if (!first || !second) return first ?? second;
  return { ...second, title: first.title, text: `${first.text} ${second.title} ${second.text}` };
}

/** The recording of this tab that another one is to continue; null when it cannot be any more. */
export function loadContinues(clipId: string | null): Continues | null {
  const notice = clipId ? loadEndNotice(clipId) : null;
  if (!notice?.continues || continuableMs(notice) === 0) return null;
  const { startMs, mime } = notice.continues;
  return { clipId: notice.continues.clipId, startMs, mime };
}

/** Lets the recording go on in the clip that the address names, if it still can. */
export function continueAsked(rec: { continues: Continues | null; continuedPlace: Destination }, clipId: string | null) {
  rec.continues = loadContinues(clipId);
  if (clipId && rec.continues) void loadDestination(clipId).then((to) => to && (rec.continuedPlace = to));
}

async function loadDestination(id: string): Promise<Destination | null> {
  try {
    const { channel_id, visibility } = await unwrap(api.GET('/clips/{id}', { params: { path: { id } } }));
    return { channel_id, visibility };
  } catch {
    return null; // nobody else sees it then
  }
}
