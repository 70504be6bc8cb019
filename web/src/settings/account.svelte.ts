import { unwrap, api, toProblem, type Me, type Problem } from '../lib/api/client';
import type { components } from '../lib/api/schema';

type Patch = components['schemas']['MePatch'];

/** The signed-in person as the server last said, and how to change what it knows. */
export class Account {
  me: Me = $state()!;

  constructor(me: Me) {
    this.me = me;
  }

  /** What another call answered. */
  applyMe(me: Me): void {
    this.me = me;
  }

  /** Saves; returns the error, or null. After a conflict the newer state is loaded and the error says so. */
  async save(patch: Patch): Promise<Problem | null> {
    try {
      this.me = await unwrap(api.PATCH('/me', { body: patch, params: { header: { 'If-Match': `"${this.me.version}"` } } }));
      return null;
    } catch (e) {
      const p = toProblem(e);
      if (p.status === 412) this.me = await unwrap(api.GET('/me')).catch(() => this.me);
      return p;
    }
  }
}
