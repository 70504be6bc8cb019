import type { Comment } from '../lib/api/client';

/** An author of comments, for tests. */
export const person = (id: string, name = id): Comment['author'] => ({ id, name, avatar_url: null, guest: false });

/** A comment for tests. */
export function commentOf(id: string, fields: Partial<Comment> = {}): Comment {
  return {
    id,
    clip_id: '01JD0000000000000000000000',
    parent_id: null,
    author: person('me', 'Me'),
    at_ms: null,
    until_ms: null,
    body: id,
    mentions: [],
    reactions: [],
    reply_clip_id: null,
    created_at: '2026-11-01T10:00:00.000Z',
    edited_at: null,
    deleted: false,
    hidden: false,
    resolved_at: null,
    resolved_by: null,
    can_edit: true,
    can_delete: true,
    can_resolve: true,
    can_hide: false,
    version: 1,
    ...fields,
  };
}
