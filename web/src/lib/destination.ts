/** Who is to see a clip: its channel, the workspace, or its author alone. */
export type Destination = { channel_id: string | null; visibility: 'private' | 'channel' | 'workspace' };

/** Encodes a destination as the value of a <select>; parseDestination is the inverse. */
export function destinationValue(destination: Destination): string {
  return destination.visibility === 'channel' ? (destination.channel_id ?? 'channel') : destination.visibility;
}

export function parseDestination(value: string): Destination {
  if (value === 'private' || value === 'workspace') return { channel_id: null, visibility: value };
  return { channel_id: value, visibility: 'channel' };
}
