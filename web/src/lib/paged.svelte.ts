import { toProblem, type Problem } from './api/problem';

/** One page as every list of the API answers it. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PageRequest {
  /** Where the page begins; null for the first one. */
  cursor: string | null;
  limit: number;
  /** Aborted when a later load makes the answer useless. */
  signal: AbortSignal;
}

/**
 * A list that the server hands out page by page, newest request wins: the answer to an earlier load is dropped.
 * Subclasses say how a page is fetched and what identifies an item.
 */
export abstract class PagedList<T, P extends Page<T> = Page<T>> {
  items = $state.raw<T[]>([]);
  /** idle: nothing was asked for. What is shown stays while it is loaded again. */
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('loading');
  /** Why the first page (state failed) or the next one (state ready) could not be fetched. */
  error = $state.raw<Problem | null>(null);
  loadingMore = $state(false);
  /** Where the next page begins; null when all items are here. */
  cursor = $state<string | null>(null);

  protected readonly pageSize: number;
  #current: AbortController | undefined;

  constructor(pageSize: number) {
    this.pageSize = pageSize;
  }

  protected abstract fetchPage(request: PageRequest): Promise<P>;
  protected abstract keyOf(item: T): string;

  /** Called with the first page of each load, for what else it carries. */
  protected onFirstPage(_page: P): void {}

  /** Loads the first page; what is shown stays until the answer is here. */
  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading';
    try {
      const page = await this.fetchFirstPage();
      if (!page) return;

      this.items = page.items;
      this.cursor = page.next_cursor;
      this.error = null;
      this.state = 'ready';
      this.onFirstPage(page);
    } catch (e) {
      this.error = toProblem(e);
      this.state = 'failed';
    }
  }

  /** Appends the next page; items that are here already are skipped, as the list may have moved between two pages. */
  async loadMore(): Promise<void> {
    const request = this.#current;
    if (!request || !this.cursor || this.loadingMore) return;

    this.loadingMore = true;
    try {
      const page = await this.fetchPage({ cursor: this.cursor, limit: this.pageSize, signal: request.signal });
      if (request.signal.aborted) return;

      const known = new Set(this.items.map((item) => this.keyOf(item)));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(this.keyOf(item)))];
      this.cursor = page.next_cursor;
      this.error = null;
    } catch (e) {
      if (!request.signal.aborted) this.error = toProblem(e);
    } finally {
      this.loadingMore = false;
    }
  }

  /** Repeats the request that failed. */
  async retry(): Promise<void> {
    this.error = null;
    await (this.state === 'ready' ? this.loadMore() : this.load());
  }

  /** Fetches the first page for a load or a refresh; undefined when a later request has overtaken it. Throws Problem. */
  protected async fetchFirstPage(limit = this.pageSize): Promise<P | undefined> {
    this.#current?.abort();
    const request = (this.#current = new AbortController());
    try {
      const page = await this.fetchPage({ cursor: null, limit, signal: request.signal });
      return request.signal.aborted ? undefined : page;
    } catch (e) {
      if (request.signal.aborted) return undefined;
      throw e;
    }
  }

  /** Empties the list and drops the answer that is on its way. */
  protected reset(state: 'idle' | 'loading'): void {
    this.#current?.abort();
    this.#current = undefined;
    this.items = [];
    this.cursor = null;
    this.error = null;
    this.state = state;
  }
}

/** Reads a list to its end, for lists that are shown as a whole. Throws Problem. */
export async function fetchAllPages<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await fetchPage(cursor ?? undefined);
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);

  return all;
}
