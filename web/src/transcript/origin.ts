import type { Segment } from '../lib/api/client';
import { formatFullTime } from '../lib/time';

/** Who wrote the words of a line and when, in one sentence; null when it is not known. */
export function describeOrigin(s: Segment, engine: string | null): string | null {
  switch (s.origin) {
    case 'machine':
      return engine ? `Written by machine (${engine})` : 'Written by machine';
    case 'edited':
      return `Edited${s.edited_by ? ` by ${s.edited_by.name}` : ''}${s.edited_at ? `, ${formatFullTime(s.edited_at)}` : ''}`;
    case 'imported':
      return 'From a captions file';
    default:
      return null;
  }
}

/** How many lines nobody has changed since a machine wrote them. */
export const countMachineLines = (segments: readonly Segment[]): number => segments.filter((s) => s.origin === 'machine').length;

/** A line whose words somebody is changing; the server says who and when. */
export const withEdit = (s: Segment): Segment => ({ ...s, origin: 'edited', edited_by: null, edited_at: null });

const rank = (s: Segment): number => ['machine', null, 'imported', 'edited'].indexOf(s.origin);

/** Of two lines that become one, the one whose origin counts: the newest edit, or what is less certainly a machine's. */
export function joinedOrigin(a: Segment, b: Segment): Segment {
  if (rank(a) !== rank(b)) return rank(a) > rank(b) ? a : b;
  return (b.edited_at ?? '') > (a.edited_at ?? '') ? b : a;
}
