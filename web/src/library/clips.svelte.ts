import { unwrap, api, type Clip, type ClipKind } from '../lib/api/client';
import { subscribeEvents, type LiveEvent } from '../lib/live.svelte';
import { PagedList, type Page, type PageRequest } from '../lib/paged.svelte';
import type { View } from './address';

export type Filter = { view: View; kind: ClipKind | ''; channel: string; title: string };

/** The clips of a workspace that pass a filter, newest first, page by page, kept current by live events. */
export class Clips extends PagedList<Clip> {
  #workspace: string;
  #me: string;
  #filter: Filter = { view: 'all', kind: '', channel: '', title: '' };

  constructor(workspace: string, me: string, pageSize = 24) {
    super(pageSize);
    this.#workspace = workspace;
    this.#me = me;
  }

  /** Loads the first page for a filter. What is shown stays until the answer is here, so that nothing jumps. */
  override async load(filter: Filter = this.#filter): Promise<void> {
    this.#filter = filter;
    await super.load();
  }

  /** Inserts, replaces or removes a clip, as the filter says. */
  put(clip: Clip): void {
    const at = this.items.findIndex((c) => c.id === clip.id);
    if (at >= 0 && this.items[at]!.version > clip.version) return; // events may come in any order

    if (!this.#matches(clip)) this.remove(clip.id);
    else if (at >= 0) this.items = this.items.with(at, clip);
    else this.#insert(clip);
  }

  remove(id: string): void {
    this.items = this.items.filter((c) => c.id !== id);
  }

  /** Applies the workspace's live events; returns the function that stops it. */
  follow(): () => void {
    const applyEvent = (e: LiveEvent) => {
      if (e.clip && this.state === 'ready') this.put(e.clip);
    };
    return subscribeEvents(this.#workspace, { 'clip.updated': applyEvent, 'clip.step': applyEvent, resync: () => void this.refresh() });
  }

  /** Loads again as many clips as are shown. */
  async refresh(): Promise<void> {
    if (this.state !== 'ready') return this.load();

    try {
      const page = await this.fetchFirstPage(Math.min(100, Math.max(this.pageSize, this.items.length)));
      if (!page) return;
      this.items = page.items;
      this.cursor = page.next_cursor;
    } catch {
      // what is shown stays; the next event or visit brings it up to date
    }
  }

  #insert(clip: Clip) {
    const at = this.items.findIndex((c) => c.id < clip.id); // ids grow with time
    if (at >= 0) this.items = this.items.toSpliced(at, 0, clip);
    else if (!this.cursor) this.items = [...this.items, clip]; // older than all that is shown: it comes with its page
  }

  #matches(clip: Clip): boolean {
    const { view, kind, channel, title } = this.#filter;
    if (clip.workspace_id !== this.#workspace) return false;
    if (clip.reply_to_clip_id !== null) return false; // it belongs to the thread of another clip
    if ((clip.trashed_at !== null) !== (view === 'trash')) return false;
    if (view === 'mine' && clip.author.id !== this.#me) return false;
    if (kind && clip.kind !== kind) return false;
    if (channel && clip.channel_id !== channel) return false;
    const words = title.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((w) => clip.title.toLowerCase().includes(w));
  }

  protected override keyOf = (clip: Clip): string => clip.id;

  protected override fetchPage({ cursor, limit, signal }: PageRequest): Promise<Page<Clip>> {
    const { view, kind, channel, title } = this.#filter;
    return unwrap(
      api.GET('/clips', {
        signal,
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
