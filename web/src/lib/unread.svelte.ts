import { unwrap, api } from './api/client';
import { subscribePersonal } from './live.svelte';

/** The number of unseen notifications; 100 means that many or more. */
class UnreadCount {
  count = $state(0);
  #followers = 0;
  #unsubscribe: (() => void) | undefined;
  #latestRequest = 0;

  /** Keeps the count current while the effect that calls it is active. */
  follow = (): (() => void) => {
    if (this.#followers++ === 0) {
      void this.refresh();
      this.#unsubscribe = subscribePersonal(() => void this.refresh());
    }
    return () => {
      if (--this.#followers === 0) this.#unsubscribe?.();
    };
  };

  /** Applies a count that another answer carried. */
  set(count: number): void {
    this.#latestRequest++;
    this.count = count;
  }

  refresh = async (): Promise<void> => {
    const round = ++this.#latestRequest;
    try {
      const page = await unwrap(api.GET('/notifications', { params: { query: { unread: true, limit: 1 } } }));
      if (round === this.#latestRequest) this.count = page.unread;
    } catch {
      // the next event, or visit, counts again
    }
  };
}

export const unread = new UnreadCount();

/** "7", "99+". */
export const formatBadge = (n: number): string => (n > 99 ? '99+' : String(n));
