import type { Marker } from '../player/timeline';
import { plainText } from './plain';
import type { Entry } from './tree';

/** The marker of a comment on the seek bar. The comment must be about a moment. */
export function commentMarker(c: Entry): Marker {
  return {
    id: c.id,
    at: c.at_ms! / 1000,
    until: c.until_ms === null ? undefined : c.until_ms / 1000,
    name: c.author.name,
    author: c.author.id ?? undefined,
    text: plainText(c.body),
  };
}
