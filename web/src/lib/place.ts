/** Who is to see a clip: its channel, the workspace, or its author alone. */
export type Place = { channel_id: string | null; visibility: 'private' | 'channel' | 'workspace' };

/** The value of a <select> that stands for a place, and back. */
export function placeValue(place: Place): string {
  return place.visibility === 'channel' ? (place.channel_id ?? 'channel') : place.visibility;
}

export function placeOf(value: string): Place {
  if (value === 'private' || value === 'workspace') return { channel_id: null, visibility: value };
  return { channel_id: value, visibility: 'channel' };
}
