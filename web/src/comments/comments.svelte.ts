import { api, answer, problem, type Author, type Comment, type Event, type Problem } from '../lib/api/client';
import { change, count, put, reload, remove, threads, type Entry } from './tree';

/** What somebody wrote, before the server has it. */
export interface Draft {
  body: string;
  at_ms: number | null;
  parent_id: string | null;
}

/** The comments of a clip: ours are shown before the server has them, and never silently lost. */
export class Comments {
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state.raw<Problem | null>(null);
  all = $state.raw<Entry[]>([]);
  threads = $derived(threads(this.all));
  count = $derived(count(this.all));

  #clip: string;
  #me: Author | null;
  #loads = 0;

  constructor(clip: string, me: Author | null) {
    this.#clip = clip;
    this.#me = me;
  }

  load = async (): Promise<void> => {
    const turn = ++this.#loads;
    try {
      const all: Comment[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await answer(api.GET('/clips/{id}/comments', { params: { path: { id: this.#clip }, query: { limit: 100, cursor: cursor ?? undefined } } }));
        all.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor);
      if (turn !== this.#loads) return; // a later load is on its way
      this.all = reload(this.all, all);
      this.state = 'ready';
    } catch (e) {
      if (turn !== this.#loads) return;
      this.problem = problem(e);
      if (this.state === 'loading') this.state = 'failed'; // what is shown stays when loading again fails
    }
  };

  /** comment.created, comment.updated, comment.deleted. */
  hear = (e: Event): void => {
    if (e.comment && e.comment.clip_id === this.#clip) this.all = put(this.all, e.comment);
  };

  /** Shows the comment at once and sends it. When that fails it stays, marked, to be sent again. */
  async add(draft: Draft): Promise<void> {
    const id = `new-${randomKey()}`;
    const entry: Entry = {
      id, clip_id: this.#clip, parent_id: draft.parent_id, author: { guest: this.#me === null, ...(this.#me ?? { id: null, name: 'You', avatar_url: null }) },
      at_ms: draft.at_ms, until_ms: null, body: draft.body, mentions: [], reactions: [], reply_clip_id: null, created_at: new Date().toISOString(), edited_at: null,
      deleted: false, hidden: false, resolved_at: null, resolved_by: null, can_edit: false, can_delete: false, can_resolve: false, can_hide: false,
      version: 0, sending: 'pending',
    };
    this.all = [...this.all, entry];
    await this.#send(entry);
  }

  /** Sends a failed one again; the same key keeps it from being made twice if the first try had arrived after all. */
  async again(id: string): Promise<void> {
    const entry = this.all.find((c) => c.id === id && c.sending === 'failed');
    if (!entry) return;
    this.all = change(this.all, id, { sending: 'pending', failure: undefined });
    await this.#send(entry);
  }

  discard(id: string): void {
    this.all = remove(this.all, id);
  }

  async #send(entry: Entry): Promise<void> {
    try {
      const made = await answer(
        api.POST('/clips/{id}/comments', {
          params: { path: { id: this.#clip }, header: { 'Idempotency-Key': entry.id } },
          body: { body: entry.body, at_ms: entry.at_ms, parent_id: entry.parent_id },
        }),
      );
      this.all = put(remove(this.all, entry.id), made);
    } catch (e) {
      this.all = change(this.all, entry.id, { sending: 'failed', failure: problem(e).detail });
    }
  }

  /** Changes our comment; the old text comes back when the server refuses. Throws Problem then. */
  async edit(c: Entry, body: string): Promise<void> {
    this.all = change(this.all, c.id, { body });
    try {
      this.all = put(this.all, await answer(api.PATCH('/comments/{id}', { params: { path: { id: c.id }, header: { 'If-Match': `"${c.version}"` } }, body: { body } })));
    } catch (e) {
      this.#putBack(c, { body: c.body });
      if (problem(e).status === 412) await this.load();
      throw problem(e);
    }
  }

  /** Deletes a comment; it comes back when the server refuses. Throws Problem then. */
  async delete(c: Entry): Promise<void> {
    this.all = change(this.all, c.id, { deleted: true });
    try {
      await answer(api.DELETE('/comments/{id}', { params: { path: { id: c.id } } }));
    } catch (e) {
      const p = problem(e);
      if (p.status === 404) return; // somebody else was quicker
      this.#putBack(c, { deleted: false });
      throw p;
    }
  }

  /** Undoes our change, unless a newer version came meanwhile. */
  #putBack(c: Entry, fields: Partial<Entry>): void {
    if (this.all.some((x) => x.id === c.id && x.version === c.version)) this.all = change(this.all, c.id, fields);
  }
}

/** Random text; crypto.randomUUID is there only on https and localhost. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('');
}
