import { unwrap, api, toProblem, type Channel, type Problem } from './api/client';
import { fetchAllPages } from './paged.svelte';

/** The channels of a workspace that the person may see, by name. */
export class ChannelList {
  items = $state<Channel[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state<Problem | null>(null);
  readonly workspace: string;

  constructor(workspace: string) {
    this.workspace = workspace;
  }

  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading';
    try {
      const path = { ws: this.workspace };
      this.items = await fetchAllPages((cursor) =>
        unwrap(api.GET('/workspaces/{ws}/channels', { params: { path, query: { limit: 100, cursor } } })),
      );
      this.error = null;
      this.state = 'ready';
    } catch (e) {
      this.error = toProblem(e);
      this.state = 'failed';
    }
  }

  /** Puts in a channel as the server told it, in its place. */
  put(channel: Channel): void {
    const rest = this.items.filter((c) => c.id !== channel.id);
    this.items = [...rest, channel].sort((a, b) => a.name.localeCompare(b.name));
  }

  remove(id: string): void {
    this.items = this.items.filter((c) => c.id !== id);
  }
}
