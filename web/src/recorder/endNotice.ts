/** What the page of a clip says of how its recording ended. It is kept for this tab alone, until it is closed. */
const keyOf = (clipId: string) => `tidings.ended.${clipId}`;

export interface EndNotice {
  title: string;
  text: string;
  /** Nobody pressed Stop: whoever looks elsewhere is to notice. */
  isUnexpected: boolean;
}

/** Keeps it for the page of the clip; null: there is nothing to say. */
export function saveEndNotice(clipId: string, notice: EndNotice | null) {
  try {
    if (notice) sessionStorage.setItem(keyOf(clipId), JSON.stringify(notice));
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
