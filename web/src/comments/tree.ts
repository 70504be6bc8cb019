import type { Comment } from '../lib/api/client';

/** A comment with its delivery: `pending` until the server has it, `failed` (with the reason) when that did not succeed. */
export interface Entry extends Comment {
  sending?: 'pending' | 'failed';
  failure?: string;
}

/** A comment and its replies, oldest first. There is one level of replies. */
export interface Thread {
  root: Entry;
  replies: Entry[];
}

const byAge = (a: Entry, b: Entry) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id);

/** Remarks on the whole clip first, then in the order of the clip; at one moment the older first. */
const byTime = (a: Entry, b: Entry) => (a.at_ms ?? -1) - (b.at_ms ?? -1) || byAge(a, b);

/**
 * Threads in time order. Replies to replies stand under the same root. A deleted comment stays only where
 * replies need it; a reply whose parent is unknown starts a thread of its own.
 */
export function buildThreads(all: readonly Entry[]): Thread[] {
  const byId = new Map(all.map((c) => [c.id, c]));
  const replies = new Map<string, Entry[]>();
  const roots: Entry[] = [];
  for (const c of all) {
    const root = rootOf(c, byId);
    if (root === c) roots.push(c);
    else if (!c.deleted) replies.set(root.id, [...(replies.get(root.id) ?? []), c]);
  }
  return roots
    .sort(byTime)
    .map((root) => ({ root, replies: (replies.get(root.id) ?? []).sort(byAge) }))
    .filter((t) => !t.root.deleted || t.replies.length > 0);
}

function rootOf(c: Entry, byId: Map<string, Entry>): Entry {
  const seen = new Set<string>([c.id]);
  let at = c;
  for (let up = at.parent_id && byId.get(at.parent_id); up && !seen.has(up.id); up = at.parent_id && byId.get(at.parent_id)) {
    seen.add(up.id);
    at = up;
  }
  return at;
}

/** How many comments can be read. */
export const countReadable = (all: readonly Entry[]): number => all.filter((c) => !c.deleted && !c.hidden).length;

export type Filter = 'open' | 'resolved' | 'all';

/** The threads that match a filter. */
export function filterThreads(list: readonly Thread[], filter: Filter): Thread[] {
  return list.filter((t) => filter === 'all' || (t.root.resolved_at !== null) === (filter === 'resolved'));
}

/**
 * The list with a comment of an answer or event applied: an older version never replaces a newer one, and a pending
 * local entry is replaced by the comment it became.
 */
export function upsertEntry(all: readonly Entry[], c: Comment): Entry[] {
  const known = all.find((x) => x.id === c.id);
  if (known && known.version > c.version) return [...all];
  const rest = all.filter((x) => x.id !== c.id && !(known === undefined && confirms(x, c)));
  return [...rest, c];
}

function confirms(mine: Entry, c: Comment): boolean {
  return (
    mine.sending === 'pending' &&
    mine.author.id === c.author.id &&
    mine.body === c.body &&
    mine.at_ms === c.at_ms &&
    mine.parent_id === c.parent_id
  );
}

/** The list without a local entry. */
export const removeEntry = (all: readonly Entry[], id: string): Entry[] => all.filter((c) => c.id !== id);

/** The list with some fields of one entry changed. */
export function patchEntry(all: readonly Entry[], id: string, fields: Partial<Entry>): Entry[] {
  return all.map((c) => (c.id === id ? { ...c, ...fields } : c));
}

/** The list as the server has it, with pending and failed local entries kept. */
export function mergeServerState(all: readonly Entry[], loaded: readonly Comment[]): Entry[] {
  return loaded.reduce<Entry[]>(
    (list, c) => upsertEntry(list, c),
    all.filter((c) => c.sending),
  );
}

const currentFor = 4000; // ms a remark on a moment counts as current

/** The comment that is current at `ms`: the latest whose moment or range contains it. */
export function commentAt(all: readonly Entry[], ms: number): Entry | undefined {
  let best: Entry | undefined;
  for (const c of all) {
    if (c.deleted || c.at_ms === null || c.parent_id) continue;
    const until = c.until_ms ?? c.at_ms + currentFor;
    if (c.at_ms <= ms && ms < until && (!best || c.at_ms >= (best.at_ms ?? 0))) best = c;
  }
  return best;
}
