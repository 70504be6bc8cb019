import { api, unwrap, toProblem, type Comment, type Event, type Problem } from '../lib/api/client';
import type { components } from '../lib/api/schema';
import { fetchAllPages } from '../lib/paged.svelte';

export type ClipReaction = components['schemas']['ClipReaction'];
export type Reaction = Comment['reactions'][number];

/** The list after the viewer gave an emoji, or took it back: what the page shows until the server answers. */
export function toggleReaction<T extends Reaction>(list: readonly T[], same: (r: T) => boolean, fresh: () => T, me: string): T[] {
  const known = list.find(same);
  if (!known) return [...list, fresh()];
  const mine = !known.mine;
  const people = mine ? [...known.people, me] : known.people.filter((name) => name !== me);
  const next = { ...known, mine, count: known.count + (mine ? 1 : -1), people };
  return list.flatMap((r) => (r !== known ? [r] : next.count > 0 ? [next] : []));
}

/** "Ana, Bo and 3 others". */
export function reactorNames(r: Reaction): string {
  const others = r.count - r.people.length;
  return others > 0 ? `${r.people.join(', ')} and ${others} ${others === 1 ? 'other' : 'others'}` : r.people.join(', ');
}

/** The reactions to the clip itself, at its seconds. */
export class ClipReactions {
  all = $state.raw<ClipReaction[]>([]);
  /** Emoji with how often they were given in all, the most given first. */
  totals = $derived(countByEmoji(this.all));

  #clip: string;
  #me: () => string;

  constructor(clip: string, me: () => string) {
    this.#clip = clip;
    this.#me = me;
  }

  load = async (): Promise<void> => {
    const path = { id: this.#clip };
    try {
      this.all = await fetchAllPages((cursor) =>
        unwrap(api.GET('/clips/{id}/reactions', { params: { path, query: { limit: 100, cursor } } })),
      );
    } catch {
      // not essential: the next event or load brings them
    }
  };

  applyEvent = (e: Event): void => {
    if (e.reactions && e.clip_id === this.#clip) this.all = e.reactions;
  };

  /** Whether the viewer gave the emoji at that second. */
  hasReacted = (emoji: string, at: number): boolean => this.all.some((r) => r.mine && r.emoji === emoji && r.at_ms === at);

  /** Gives the emoji at a second of the clip, or takes it back. Throws Problem, with everything as it was. */
  async toggle(emoji: string, at_ms: number): Promise<void> {
    const mine = this.hasReacted(emoji, at_ms);
    this.all = toggleReaction(
      this.all,
      (r) => r.emoji === emoji && r.at_ms === at_ms,
      () => ({ emoji, at_ms, count: 1, mine: true, people: [this.#me()] }),
      this.#me(),
    );
    const params = { params: { path: { id: this.#clip, emoji }, query: { at_ms } } };
    try {
      const here = await unwrap(
        mine ? api.DELETE('/clips/{id}/reactions/{emoji}', params) : api.POST('/clips/{id}/reactions/{emoji}', params),
      );
      this.all = [...this.all.filter((r) => r.at_ms !== at_ms), ...here.items];
    } catch (e) {
      const p: Problem = toProblem(e);
      await this.load();
      throw p;
    }
  }
}

function countByEmoji(all: readonly ClipReaction[]): [emoji: string, count: number][] {
  const sums = new Map<string, number>();
  for (const r of all) sums.set(r.emoji, (sums.get(r.emoji) ?? 0) + r.count);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** The reactions between two positions of playback (seconds); none for a jump. */
export function reactionsBetween(all: readonly ClipReaction[], from: number, to: number): ClipReaction[] {
  if (to <= from || to - from > 2) return [];
  return all.filter((r) => r.at_ms !== null && r.at_ms / 1000 > from && r.at_ms / 1000 <= to);
}
