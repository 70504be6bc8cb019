import { unwrap, api, type ViewerPage } from '../lib/api/client';
import { PagedList, type PageRequest } from '../lib/paged.svelte';

type Viewer = ViewerPage['items'][number];

/** Who has watched a clip, page by page, with what is known of all its views. */
export class Viewers extends PagedList<Viewer, ViewerPage> {
  /** Views by link and how often each part was watched; null until the first page is here. */
  summary = $state.raw<Pick<ViewerPage, 'anonymous' | 'heat'> | null>(null);

  #clip: string;

  constructor(clip: string) {
    super(20);
    this.#clip = clip;
  }

  protected override onFirstPage({ anonymous, heat }: ViewerPage): void {
    this.summary = { anonymous, heat };
  }

  protected override keyOf = (viewer: Viewer): string => viewer.person.id;

  protected override fetchPage({ cursor, limit, signal }: PageRequest): Promise<ViewerPage> {
    const query = { limit, cursor: cursor ?? undefined };
    return unwrap(api.GET('/clips/{id}/viewers', { signal, params: { path: { id: this.#clip }, query } }));
  }
}
