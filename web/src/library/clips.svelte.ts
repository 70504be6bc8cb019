import { answer, api, problem, type Clip, type ClipKind, type Problem } from '../lib/api/client';
import { live, type LiveEvent } from '../lib/live.svelte';
import type { View } from './address';

export type Filter = { view: View; kind: ClipKind | ''; channel: string; title: string };

/** The clips of a workspace that pass a filter, newest first, page by page, kept right by live events. */
export class Clips {
  items = $state<Clip[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Why the whole list, or its next page, could not be had. */
  error = $state<Problem | null>(null);
  loadingMore = $state(false);
  cursor = $state<string | null>(null);

  #workspace: string;
  #me: string;
  #pageSize: number;
  #filter: Filter = { view: 'all', kind: '', channel: '', title: '' };
  #round = 0; // answers of an older filter are dropped

  constructor(workspace: string, me: string, pageSize = 24) {
    this.#workspace = workspace;
    this.#me = me;
    this.#pageSize = pageSize;
  }

  /** Loads the first page for a filter. What is shown stays until the answer is there, so that nothing jumps. */
  async load(filter: Filter = this.#filter): Promise<void> {
    this.#filter = filter;
    const round = ++this.#round;
    if (this.state === 'failed') this.state = 'loading';
    try {
      const page = await this.#page(null, this.#pageSize);
      if (round !== this.#round) return;
      this.items = page.items;
      this.cursor = page.next_cursor;
      this.error = null;
      this.state = 'ready';
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
      const page = await this.#page(this.cursor, this.#pageSize);
      if (round !== this.#round) return;
      const known = new Set(this.items.map((c) => c.id));
      this.items.push(...page.items.filter((c) => !known.has(c.id)));
      this.cursor = page.next_cursor;
      this.error = null;
    } catch (e) {
      if (round === this.#round) this.error = problem(e);
    } finally {
      this.loadingMore = false;
    }
  }

  /** Puts in, changes or takes out a clip, as the filter says. */
  put(clip: Clip): void {
    const at = this.items.findIndex((c) => c.id === clip.id);
    if (at >= 0 && this.items[at]!.version > clip.version) return; // events may come in any order
    if (!this.#fits(clip)) {
      if (at >= 0) this.items.splice(at, 1);
    } else if (at >= 0) this.items[at] = clip;
    else this.#insert(clip);
  }

  remove(id: string): void {
    this.items = this.items.filter((c) => c.id !== id);
  }

  /** Follows the workspace's live events; answers how to stop. */
  follow(): () => void {
    const changed = (e: LiveEvent) => {
      if (e.clip && this.state === 'ready') this.put(e.clip);
    };
    return live(this.#workspace, { 'clip.updated': changed, 'clip.step': changed, resync: () => void this.refresh() });
  }

  /** Loads again as much as is shown. */
  async refresh(): Promise<void> {
    if (this.state !== 'ready') return this.load();
    const round = ++this.#round;
    try {
      const page = await this.#page(null, Math.min(100, Math.max(this.#pageSize, this.items.length)));
      if (round !== this.#round) return;
      this.items = page.items;
      this.cursor = page.next_cursor;
    } catch {
      // what is shown stays; the next event or visit brings it up to date
    }
  }

  #insert(clip: Clip) {
    const at = this.items.findIndex((c) => c.id < clip.id); // ids grow with time
    if (at >= 0) this.items.splice(at, 0, clip);
    else if (!this.cursor) this.items.push(clip); // older than all that is shown: it comes with its page
  }

  #fits(clip: Clip): boolean {
    const { view, kind, channel, title } = this.#filter;
    if (clip.workspace_id !== this.#workspace) return false;
    if (clip.reply_to_clip_id !== null) return false; // it stands in the thread of another clip
    if ((clip.trashed_at !== null) !== (view === 'trash')) return false;
    if (view === 'mine' && clip.author.id !== this.#me) return false;
    if (kind && clip.kind !== kind) return false;
    if (channel && clip.channel_id !== channel) return false;
    const words = title.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((w) => clip.title.toLowerCase().includes(w));
  }

  async #page(cursor: string | null, limit: number) {
    const { view, kind, channel, title } = this.#filter;
    return answer(
      api.GET('/clips', {
        params: {
          query: {
            workspace: this.#workspace,
            author: view === 'mine' ? 'me' : undefined,
            trashed: view === 'trash' || undefined,
            kind: kind || undefined,
            channel: channel || undefined,
            q_title: title || undefined,
            limit,
            cursor: cursor ?? undefined,
          },
        },
      }),
    );
  }
}
