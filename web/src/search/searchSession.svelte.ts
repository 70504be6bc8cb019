import type { SavedSearch } from '../lib/api/client';
import { isSearchable, readAddress, textOf, writeAddress, type Query } from './address';
import { FilterValues } from './filterValues.svelte';
import { between, open, written } from './language';
import { addRecent, clearRecent, recentSearches } from './recent';
import { Results } from './results.svelte';
import { SavedSearches } from './saved.svelte';

const typingDelay = 140; // ms without a key before a search

/** The search page's query and what belongs to it; the query is in the address and the browser's history. */
export class SearchSession {
  readonly workspace: string;
  readonly results: Results;
  readonly saved: SavedSearches;
  readonly known = new FilterValues();

  query = $state<Query>(readAddress(location.search));
  recent = $state.raw<ReturnType<typeof recentSearches>>([]);
  #searched = $state(''); // the query that the results belong to
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onSearch: () => void;

  text = $derived.by(() => textOf(this.query));
  searchable = $derived.by(() => isSearchable(this.query));
  /** The server's reason when it did not understand the query. */
  refused = $derived.by(() => {
    const { state, error } = this.results;
    return state === 'failed' && error?.status === 400 && error.fields.q ? error : null;
  });
  /** The part of the query that it did not understand, as it is written. */
  wrong = $derived.by(() => {
    const fields = this.refused?.fields;
    return fields ? between(this.#searched, fields['q.start'], fields['q.end']) : '';
  });
  stored = $derived.by(() => this.saved.find(this.text, this.query.sort));

  constructor(workspace: string, onSearch: () => void) {
    this.workspace = workspace;
    this.results = new Results(workspace);
    this.saved = new SavedSearches(workspace);
    this.recent = recentSearches(workspace);
    this.#onSearch = onSearch;
  }

  /** Searches what the address says, now and when the history moves; returns the function that stops it. */
  start(): () => void {
    void this.known.load(this.workspace);
    void this.saved.load();
    this.search();

    const onHistory = () => {
      this.query = readAddress(location.search);
      this.search();
    };
    addEventListener('popstate', onHistory);
    return () => {
      clearTimeout(this.#timer);
      removeEventListener('popstate', onHistory);
    };
  }

  /** Searches without changing the address. A filter that is still being written does not count; the words before it do. */
  search = (): void => {
    const unfinished = open(this.query.words);
    const query = unfinished ? { ...this.query, words: unfinished.before } : { ...this.query };
    this.#searched = textOf(query);
    this.#onSearch();
    void this.results.search(query);
  };

  /** Searches and writes the address; step makes an entry of the history and remembers the search. */
  run(step: boolean): void {
    clearTimeout(this.#timer);
    const to = writeAddress(this.query);
    if (step && to !== location.pathname + location.search) history.pushState(null, '', to);
    else history.replaceState(null, '', to);
    if (step) this.remember();
    this.search();
  }

  onQueryChange(step: boolean): void {
    clearTimeout(this.#timer);
    if (step) this.run(true);
    else this.#timer = setTimeout(() => this.run(false), typingDelay);
  }

  searchFor(q: string, sort: SavedSearch['sort'] = this.query.sort): void {
    this.query = readAddress(`?${new URLSearchParams({ q, sort })}`);
    this.run(true);
  }

  dropWrong(): void {
    this.query.chips = this.query.chips.filter((c) => written(c) !== this.wrong);
    this.run(true);
  }

  dropFilters(): void {
    this.query.chips = [];
    this.run(true);
  }

  remember(): void {
    this.recent = addRecent(this.workspace, this.text);
  }

  forgetRecent(): void {
    clearRecent(this.workspace);
    this.recent = [];
  }
}
