import { unwrap, api, toProblem, type Problem, type SavedSearch } from '../lib/api/client';

/** The saved searches of a person in a workspace, newest first. */
export class SavedSearches {
  items = $state<SavedSearch[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state<Problem | null>(null);

  #workspace: string;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  load = async (): Promise<void> => {
    try {
      const page = await unwrap(
        api.GET('/workspaces/{ws}/saved-searches', { params: { path: { ws: this.#workspace }, query: { limit: 100 } } }),
      );
      this.items = page.items;
      this.state = 'ready';
    } catch (e) {
      this.error = toProblem(e);
      this.state = 'failed';
    }
  };

  find(query: string, sort: SavedSearch['sort']): SavedSearch | undefined {
    return this.items.find((s) => s.query === query && s.sort === sort);
  }

  async add(query: string, sort: SavedSearch['sort'], name?: string): Promise<void> {
    const made = await unwrap(
      api.POST('/workspaces/{ws}/saved-searches', {
        params: { path: { ws: this.#workspace } },
        body: { query, sort, name: name || undefined },
      }),
    );
    this.items = [made, ...this.items];
  }

  async remove(id: string): Promise<void> {
    await unwrap(api.DELETE('/workspaces/{ws}/saved-searches/{id}', { params: { path: { ws: this.#workspace, id } } }));
    this.items = this.items.filter((s) => s.id !== id);
  }
}
