import { serverNowISO } from '../lib/serverClock';
import { unwrap, api, toProblem, type Notification } from '../lib/api/client';
import { subscribePersonal } from '../lib/live.svelte';
import { PagedList, type Page, type PageRequest } from '../lib/paged.svelte';
import { unread } from '../lib/unread.svelte';

export type InboxView = 'unread' | 'all';

type InboxPage = Page<Notification> & { unread: number };

/** A person's notifications, newest first, page by page, kept current by live events. */
export class Inbox extends PagedList<Notification, InboxPage> {
  view = $state<InboxView>('unread');

  constructor() {
    super(30);
  }

  override async load(show: InboxView = this.view): Promise<void> {
    this.view = show;
    await super.load();
  }

  protected override onFirstPage(page: InboxPage): void {
    unread.set(page.unread);
  }

  /** Marks one as seen. It stays in place until the list is loaded again, so that nothing moves under the pointer. */
  async markSeen(n: Notification): Promise<void> {
    if (n.seen_at) return;
    this.#markLocally((x) => x.id === n.id);
    await this.#sendSeen({ ids: [n.id] });
  }

  /** Marks all present notifications as seen, but none that arrives during the request. Throws Problem. */
  async markAllSeen(): Promise<void> {
    const newest = this.items[0]?.created_at ?? serverNowISO();
    this.#markLocally(() => true);
    await this.#sendSeen({ all_before: newest });
  }

  /** Loads what is new when an event says so; returns the function that stops it. */
  follow = (): (() => void) => subscribePersonal(() => void this.#refresh());

  async #sendSeen(body: { ids: string[] } | { all_before: string }): Promise<void> {
    try {
      unread.set((await unwrap(api.POST('/notifications/seen', { body, keepalive: true }))).unread);
    } catch (e) {
      await this.load();
      throw toProblem(e);
    }
  }

  #markLocally(which: (n: Notification) => boolean): void {
    const now = serverNowISO();
    this.items = this.items.map((n) => (!n.seen_at && which(n) ? { ...n, seen_at: now } : n));
  }

  /** Merges the first page into the list; what is shown and was marked as seen since stays where it is. */
  async #refresh(): Promise<void> {
    if (this.state !== 'ready') return;

    try {
      const page = await this.fetchFirstPage();
      if (!page) return;

      const fresh = new Map(page.items.map((n) => [n.id, n]));
      const last = page.items.at(-1)?.created_at ?? '';
      const kept = this.items.filter(
        (n) => !fresh.has(n.id) && (page.next_cursor ? n.created_at < last || n.seen_at : this.view === 'unread'),
      );
      const now = serverNowISO();
      const older = kept.map((n) => (n.created_at >= last && !n.seen_at ? { ...n, seen_at: now } : n));
      this.items = [...page.items, ...older].sort(newestFirst);
      unread.set(page.unread);
    } catch {
      // what is shown stays
    }
  }

  protected override keyOf = (n: Notification): string => n.id;

  protected override fetchPage({ cursor, limit, signal }: PageRequest): Promise<InboxPage> {
    const query = { unread: this.view === 'unread' || undefined, limit, cursor: cursor ?? undefined };
    return unwrap(api.GET('/notifications', { signal, params: { query } }));
  }
}

const newestFirst = (a: Notification, b: Notification) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id);
