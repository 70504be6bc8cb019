import { answer, api } from './api/client';
import { subscribePersonal } from './live.svelte';

/** How much is in the person's inbox that they have not seen; 100 stands for that many or more. */
class Unread {
  count = $state(0);
  #users = 0;
  #stop: (() => void) | undefined;
  #round = 0;

  /** Counts while somebody looks; for an effect. */
  follow = (): (() => void) => {
    if (this.#users++ === 0) {
      void this.refresh();
      this.#stop = subscribePersonal(() => void this.refresh());
    }
    return () => {
      if (--this.#users === 0) this.#stop?.();
    };
  };

  /** The server said so by another answer. */
  set(count: number): void {
    this.#round++;
    this.count = count;
  }

  refresh = async (): Promise<void> => {
    const round = ++this.#round;
    try {
      const page = await answer(api.GET('/notifications', { params: { query: { unread: true, limit: 1 } } }));
      if (round === this.#round) this.count = page.unread;
    } catch {
      // the next event, or visit, counts again
    }
  };
}

export const unread = new Unread();

/** "7", "99+". */
export const badge = (n: number): string => (n > 99 ? '99+' : String(n));
