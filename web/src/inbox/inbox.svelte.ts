import { answer, api, problem, type Notification, type Problem } from '../lib/api/client';
import { mine } from '../lib/live.svelte';
import { unread } from '../lib/unread.svelte';

export type Show = 'unread' | 'all';

/** What a person was told, newest first, page by page, kept right by live events. */
export class Inbox {
  items = $state.raw<Notification[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<Problem | null>(null);
  cursor = $state<string | null>(null);
  loadingMore = $state(false);
  show = $state<Show>('unread');

  #round = 0;

  async load(show: Show = this.show): Promise<void> {
    this.show = show;
    const round = ++this.#round;
    if (this.state === 'failed') this.state = 'loading';
    try {
      const page = await this.#page(null);
      if (round !== this.#round) return;
      this.items = page.items;
      this.cursor = page.next_cursor;
      this.error = null;
      this.state = 'ready';
      unread.set(page.unread);
    } catch (e) {
      if (round !== this.#round) return;
      this.error = problem(e);
      this.state = 'failed';
    }
  }

  async more(): Promise<void> {
    if (!this.cursor || this.loadingMore) return;
    const round = this.#round;
    this.loadingMore = true;
    try {
      const page = await this.#page(this.cursor);
      if (round !== this.#round) return;
      const known = new Set(this.items.map((n) => n.id));
      this.items = [...this.items, ...page.items.filter((n) => !known.has(n.id))];
      this.cursor = page.next_cursor;
    } catch (e) {
      if (round === this.#round) this.error = problem(e);
    } finally {
      this.loadingMore = false;
    }
  }

  /** Marks one as seen. It stays in place until the list is loaded anew, so that nothing jumps under the hand. */
  async see(n: Notification): Promise<void> {
    if (n.seen_at) return;
    this.#mark((x) => x.id === n.id);
    await this.#send({ ids: [n.id] });
  }

  /** Marks all as seen that are there now; what comes while this is on its way is not. Throws Problem. */
  async seeAll(): Promise<void> {
    const newest = this.items[0]?.created_at ?? new Date().toISOString();
    this.#mark(() => true);
    await this.#send({ all_before: newest });
  }

  /** Hears what is new; answers how to stop. */
  follow = (): (() => void) => mine(() => void this.#news());

  async #send(body: { ids: string[] } | { all_before: string }): Promise<void> {
    try {
      unread.set((await answer(api.POST('/notifications/seen', { body, keepalive: true }))).unread);
    } catch (e) {
      await this.load();
      throw problem(e);
    }
  }

  #mark(which: (n: Notification) => boolean): void {
    const now = new Date().toISOString();
    this.items = this.items.map((n) => (!n.seen_at && which(n) ? { ...n, seen_at: now } : n));
  }

  /** The first page again; what is shown and was seen since stays where it is. */
  async #news(): Promise<void> {
    if (this.state !== 'ready') return;
    const round = ++this.#round;
    try {
      const page = await this.#page(null);
      if (round !== this.#round) return;
      const fresh = new Map(page.items.map((n) => [n.id, n]));
      const last = page.items.at(-1)?.created_at ?? '';
      const kept = this.items.filter(
        (n) => !fresh.has(n.id) && (page.next_cursor ? n.created_at < last || n.seen_at : this.show === 'unread'),
      );
      const seen = new Date().toISOString();
      this.items = [...page.items, ...kept.map((n) => (n.created_at >= last && !n.seen_at ? { ...n, seen_at: seen } : n))].sort(
        newestFirst,
      );
      unread.set(page.unread);
    } catch {
      // what is shown stays
    }
  }

  #page(cursor: string | null) {
    return answer(
      api.GET('/notifications', {
        params: { query: { unread: this.show === 'unread' || undefined, limit: 30, cursor: cursor ?? undefined } },
      }),
    );
  }
}

const newestFirst = (a: Notification, b: Notification) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id);
