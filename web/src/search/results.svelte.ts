import { unwrap, api, type SearchItem } from '../lib/api/client';
import { PagedList, type Page, type PageRequest } from '../lib/paged.svelte';
import { isSearchable, textOf, type Query } from './address';

type ResultPage = Page<SearchItem> & { took_ms: number };

/** The clips that match a query, page by page. */
export class Results extends PagedList<SearchItem, ResultPage> {
  tookMs = $state(0);

  #workspace: string;
  #query: Query | null = null;

  constructor(workspace: string) {
    super(20);
    this.#workspace = workspace;
    this.state = 'idle';
  }

  /** Searches; the earlier results stay until the answer is here. A query that asks nothing empties the list. */
  async search(query: Query): Promise<void> {
    this.#query = query;
    if (!isSearchable(query)) return this.reset('idle');

    this.error = null;
    this.state = 'loading';
    await this.load();
  }

  protected override onFirstPage(page: ResultPage): void {
    this.tookMs = page.took_ms;
  }

  protected override keyOf = (item: SearchItem): string => item.clip.id;

  protected override fetchPage({ cursor, limit, signal }: PageRequest): Promise<ResultPage> {
    const query = this.#query!;
    return unwrap(
      api.GET('/search', {
        signal,
        params: {
          query: {
            workspace: this.#workspace,
            q: textOf(query) || undefined,
            sort: query.sort === 'newest' ? 'newest' : undefined,
            limit,
            cursor: cursor ?? undefined,
          },
        },
      }),
    );
  }
}
