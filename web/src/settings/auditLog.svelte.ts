import { unwrap, api, type AuditEntry } from '../lib/api/client';
import { PagedList, type Page, type PageRequest } from '../lib/paged.svelte';

/** The audit log of a workspace, newest first, page by page. */
export class AuditLog extends PagedList<AuditEntry> {
  /** Id of the member whose acts are listed; empty for everybody. */
  actor = $state('');
  /** Name of the act that is listed; empty for all. */
  action = $state('');

  #workspace: string;

  constructor(workspace: string) {
    super(50);
    this.#workspace = workspace;
  }

  /** Empties and reloads the log after the filter has changed. */
  async filter(): Promise<void> {
    this.reset('loading');
    await this.load();
  }

  protected override keyOf = (entry: AuditEntry): string => entry.id;

  protected override fetchPage({ cursor, limit, signal }: PageRequest): Promise<Page<AuditEntry>> {
    const query = {
      limit,
      cursor: cursor ?? undefined,
      ...(this.actor && { actor: this.actor }),
      ...(this.action && { action: this.action }),
    };
    return unwrap(api.GET('/workspaces/{ws}/audit', { signal, params: { path: { ws: this.#workspace }, query } }));
  }
}
