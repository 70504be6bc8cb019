import { serverNowISO } from '../lib/serverClock';
import { api, unwrap, toProblem, type Author, type Comment, type Event, type Problem } from '../lib/api/client';
import { fetchAllPages } from '../lib/paged.svelte';
import { randomText } from '../lib/random';
import { toggleReaction } from './reactions.svelte';
import { patchEntry, countReadable, mergeServerState, upsertEntry, removeEntry, buildThreads, type Entry } from './tree';

/** A comment before it is sent. */
export interface NewComment {
  body: string;
  at_ms: number | null;
  until_ms?: number | null;
  parent_id: string | null;
}

/** The comments of a clip. Local ones are shown before the server has them, and stay with a reason when sending fails. */
export class Comments {
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state.raw<Problem | null>(null);
  all = $state.raw<Entry[]>([]);
  threads = $derived(buildThreads(this.all));
  count = $derived(countReadable(this.all));

  #clip: string;
  #me: Author | null;
  /** The name that a visitor by link gave. */
  guest = $state<string | null>(null);
  #latestLoad = 0;

  constructor(clip: string, me: Author | null) {
    this.#clip = clip;
    this.#me = me;
  }

  load = async (): Promise<void> => {
    const load = ++this.#latestLoad;
    try {
      const path = { id: this.#clip };
      const all = await fetchAllPages((cursor) =>
        unwrap(api.GET('/clips/{id}/comments', { params: { path, query: { limit: 100, cursor } } })),
      );
      if (load !== this.#latestLoad) return; // a later load is on its way
      this.all = mergeServerState(this.all, all);
      this.state = 'ready';
    } catch (e) {
      if (load !== this.#latestLoad) return;
      this.problem = toProblem(e);
      if (this.state === 'loading') this.state = 'failed'; // what is shown stays when loading again fails
    }
  };

  /** The name of the viewer. */
  get viewerName(): string {
    return this.#me?.name ?? this.guest ?? 'You';
  }

  /** comment.created, comment.updated, comment.deleted; reaction.changed of a comment. */
  applyEvent = (e: Event): void => {
    if (e.comment && e.comment.clip_id === this.#clip) this.all = upsertEntry(this.all, e.comment);
  };

  /** Shows the comment at once and sends it. When that fails it stays, marked, to be sent again. */
  async add(draft: NewComment): Promise<void> {
    const id = `new-${randomText()}`;
    const entry: Entry = {
      id,
      clip_id: this.#clip,
      parent_id: draft.parent_id,
      author: { guest: this.#me === null, ...(this.#me ?? { id: null, name: this.viewerName, avatar_url: null }) },
      at_ms: draft.at_ms,
      until_ms: draft.until_ms ?? null,
      body: draft.body,
      mentions: [],
      reactions: [],
      reply_clip_id: null,
      created_at: serverNowISO(),
      edited_at: null,
      deleted: false,
      hidden: false,
      resolved_at: null,
      resolved_by: null,
      can_edit: false,
      can_delete: false,
      can_resolve: false,
      can_hide: false,
      version: 0,
      sending: 'pending',
    };
    this.all = [...this.all, entry];
    await this.#send(entry);
  }

  /** Sends a failed one again; the same key keeps it from being made twice if the first try had arrived after all. */
  async resend(id: string): Promise<void> {
    const entry = this.all.find((c) => c.id === id && c.sending === 'failed');
    if (!entry) return;
    this.all = patchEntry(this.all, id, { sending: 'pending', failure: undefined });
    await this.#send(entry);
  }

  discard(id: string): void {
    this.all = removeEntry(this.all, id);
  }

  async #send(entry: Entry): Promise<void> {
    try {
      const made = await unwrap(
        api.POST('/clips/{id}/comments', {
          params: { path: { id: this.#clip }, header: { 'Idempotency-Key': entry.id } },
          body: {
            body: entry.body,
            at_ms: entry.at_ms,
            parent_id: entry.parent_id,
            ...(entry.until_ms === null ? {} : { until_ms: entry.until_ms }),
          },
        }),
      );
      this.all = upsertEntry(removeEntry(this.all, entry.id), made);
    } catch (e) {
      this.all = patchEntry(this.all, entry.id, { sending: 'failed', failure: toProblem(e).detail });
    }
  }

  /**
   * Changes our comment; the old text comes back when the server refuses. Throws Problem then: with status 412 when the
   * text was changed elsewhere meanwhile, which is shown by now. A change of anything but the text is no reason.
   */
  async edit(c: Entry, body: string): Promise<void> {
    const from = c.body;
    this.all = patchEntry(this.all, c.id, { body });
    for (let version = c.version, first = true; ; first = false) {
      try {
        this.all = upsertEntry(
          this.all,
          await unwrap(
            api.PATCH('/comments/{id}', { params: { path: { id: c.id }, header: { 'If-Match': `"${version}"` } }, body: { body } }),
          ),
        );
        return;
      } catch (e) {
        const p = toProblem(e);
        this.#rollBack(c, { body: from });
        if (p.status !== 412) throw p;
        await this.load();
        const now = this.all.find((x) => x.id === c.id);
        if (!first || !now || now.body !== from) throw p;
        version = now.version;
      }
    }
  }

  /** Resolves or reopens a thread; back as it was when the server refuses. Throws Problem then. */
  resolve(c: Entry, resolved: boolean): Promise<void> {
    const path = { params: { path: { id: c.id } } };
    const by = this.#me ?? null;
    return this.#updateOptimistically(c, { resolved_at: resolved ? serverNowISO() : null, resolved_by: resolved ? by : null }, () =>
      resolved ? api.POST('/comments/{id}/resolve', path) : api.DELETE('/comments/{id}/resolve', path),
    );
  }

  /** Hides a comment from the others, or shows it again. Throws Problem when refused. */
  hide(c: Entry, hidden: boolean): Promise<void> {
    const path = { params: { path: { id: c.id } } };
    return this.#updateOptimistically(c, { hidden }, () =>
      hidden ? api.POST('/comments/{id}/hide', path) : api.DELETE('/comments/{id}/hide', path),
    );
  }

  /** Gives an emoji to a comment, or takes it back. Throws Problem when refused. */
  react(c: Entry, emoji: string): Promise<void> {
    const path = { params: { path: { id: c.id, emoji } } };
    const mine = c.reactions.some((r) => r.emoji === emoji && r.mine);
    const reactions = toggleReaction(
      c.reactions,
      (r) => r.emoji === emoji,
      () => ({ emoji, count: 1, mine: true, people: [this.viewerName] }),
      this.viewerName,
    );
    return this.#updateOptimistically(c, { reactions }, () =>
      mine ? api.DELETE('/comments/{id}/reactions/{emoji}', path) : api.POST('/comments/{id}/reactions/{emoji}', path),
    );
  }

  /** Shows fields at once, then what the server answers; what was there when it refuses. */
  async #updateOptimistically(
    c: Entry,
    fields: Partial<Entry>,
    call: () => Promise<{ data?: Comment; error?: unknown; response: Response }>,
  ): Promise<void> {
    const before = Object.fromEntries(Object.keys(fields).map((key) => [key, c[key as keyof Entry]])) as Partial<Entry>;
    this.all = patchEntry(this.all, c.id, fields);
    try {
      this.all = upsertEntry(this.all, await unwrap(call()));
    } catch (e) {
      this.#rollBack(c, before);
      throw toProblem(e);
    }
  }

  /** Deletes a comment; it comes back when the server refuses. Throws Problem then. */
  async delete(c: Entry): Promise<void> {
    this.all = patchEntry(this.all, c.id, { deleted: true });
    try {
      await unwrap(api.DELETE('/comments/{id}', { params: { path: { id: c.id } } }));
    } catch (e) {
      const p = toProblem(e);
      if (p.status === 404) return; // already deleted
      this.#rollBack(c, { deleted: false });
      throw p;
    }
  }

  /** Undoes our change, unless a newer version came meanwhile. */
  #rollBack(c: Entry, fields: Partial<Entry>): void {
    if (this.all.some((x) => x.id === c.id && x.version === c.version)) this.all = patchEntry(this.all, c.id, fields);
  }
}
