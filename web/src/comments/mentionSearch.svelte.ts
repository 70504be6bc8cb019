import { api, unwrap, type Author } from '../lib/api/client';

export type Person = Author;

const maxMatches = 8;

/** Searches the people who may be mentioned on a clip. The answer to an overtaken search is dropped. */
export class MentionSearch {
  matches = $state.raw<Person[]>([]);
  #clip: string;
  #latestSearch = 0;
  #cache = new Map<string, Person[]>();

  constructor(clip: string) {
    this.#clip = clip;
  }

  async search(q: string): Promise<void> {
    const turn = ++this.#latestSearch;
    const key = q.trim().toLowerCase();
    const known = this.#cache.get(key);
    if (known) {
      this.matches = known;
      return;
    }
    try {
      const page = await unwrap(
        api.GET('/clips/{id}/people', { params: { path: { id: this.#clip }, query: { q: key, limit: maxMatches } } }),
      );
      this.#cache.set(key, page.items);
      if (turn === this.#latestSearch) this.matches = page.items;
    } catch {
      if (turn === this.#latestSearch) this.matches = []; // a name can be written without help
    }
  }

  clear(): void {
    this.#latestSearch++;
    this.matches = [];
  }
}
