import type { Notification } from '../lib/api/client';

/** What happened, in words that follow the name of who did it. */
export function describeNotification(n: Notification): string {
  const by = n.comment?.reply_clip_id ? 'a recording' : '';
  switch (n.kind) {
    case 'mention':
      return 'mentioned you';
    case 'reply':
      return by ? `replied with ${by}` : 'replied';
    case 'comment':
      return by ? `answered with ${by}` : 'commented on your clip';
    case 'reaction':
      return `reacted ${n.emoji.join(' ')} to your ${n.comment ? 'comment' : 'clip'}`;
    case 'clip':
      return 'shared a new clip';
    case 'resolved':
      return 'resolved a thread';
  }
}

/** "Ana", "Ana and 2 others". */
export function actorNames(n: Notification): string {
  if (n.others === 0) return n.actor.name;
  return `${n.actor.name} and ${n.others} ${n.others === 1 ? 'other' : 'others'}`;
}
