import type { Notification } from '../lib/api/client';

/** Something Ben did, for tests. */
export function notification(id: string, fields: Partial<Notification> = {}): Notification {
  return {
    id,
    kind: 'clip',
    comment: null,
    actor: { id: 'U2', name: 'Ben', avatar_url: null },
    others: 0,
    emoji: [],
    created_at: '2026-11-01T10:00:00.000Z',
    seen_at: null,
    url: '/c/C1',
    clip: {
      id: 'C1',
      workspace_id: 'W',
      channel_id: null,
      author: { id: 'U2', name: 'Ben', avatar_url: null },
      kind: 'voice',
      title: 'Monday',
      state: 'ready',
      created_at: '2026-11-01T10:00:00.000Z',
      duration_ms: 1000,
      poster: null,
    },
    ...fields,
  };
}
