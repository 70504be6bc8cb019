import type { Meta, ReplyTo } from './meta';

/** The owner of the recording, and what it replies to. */
export interface Owner {
  userId: string;
  workspaceId: string;
  reply: ReplyTo | null;
}

/** What is kept beside a recording that begins. */
export const newMeta = (
  id: string,
  of: Owner & Pick<Meta, 'createdAt' | 'place' | 'kind' | 'mime' | 'title' | 'continues'>,
  language: string,
): Meta => ({
  id,
  key: id,
  ...of,
  savedTitle: '',
  ...(language && { language }),
  lengthMs: 0,
  sealed: false,
  discarded: false,
  clipId: null,
  path: null,
});
