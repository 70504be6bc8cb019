import { answer, api, problem, type Problem, type SearchItem } from '../lib/api/client';
import { asks, textOf, type Query } from './address';

/** What a search found, page by page. An answer that was overtaken by a newer question is dropped. */
export class Results {
  items = $state<SearchItem[]>([]);
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state<Problem | null>(null);
  cursor = $state<string | null>(null);
  tookMs = $state(0);
  loadingMore = $state(false);

  #workspace: string;
  #query: Query | null = null;
  #stop: AbortController | undefined;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  async find(query: Query): Promise<void> {
    this.#stop?.abort();
    this.#query = query;
    this.error = null;
    if (!asks(query)) {
      Object.assign(this, { items: [], cursor: null, state: 'idle' });
      return;
    }
    const stop = (this.#stop = new AbortController());
    this.state = 'loading';
    try {
      const page = await this.#page(query, null, stop.signal);
      if (stop.signal.aborted) return;
      this.items = page.items;
      this.cursor = page.next_cursor;
      this.tookMs = page.took_ms;
      this.state = 'ready';
    } catch (e) {
      if (stop.signal.aborted) return;
      this.error = problem(e);
      this.state = 'failed';
    }
  }

  async more(): Promise<void> {
    const [query, stop] = [this.#query, this.#stop];
    if (!query || !stop || !this.cursor || this.loadingMore) return;
    this.loadingMore = true;
    try {
      const page = await this.#page(query, this.cursor, stop.signal);
      if (stop.signal.aborted) return;
      const known = new Set(this.items.map((i) => i.clip.id));
      this.items.push(...page.items.filter((i) => !known.has(i.clip.id)));
      this.cursor = page.next_cursor;
      this.error = null;
    } catch (e) {
      if (!stop.signal.aborted) this.error = problem(e);
    } finally {
      this.loadingMore = false;
    }
  }

  #page(query: Query, cursor: string | null, signal: AbortSignal) {
    return answer(
      api.GET('/search', {
        signal,
        params: {
          query: {
            workspace: this.#workspace,
            q: textOf(query) || undefined,
            sort: query.sort === 'newest' ? 'newest' : undefined,
            limit: 20,
            cursor: cursor ?? undefined,
          },
        },
      }),
    );
  }
}
