import { api, answer, type Author } from '../lib/api/client';

export type Person = Author;

const enough = 8;

/** Who may be mentioned on a clip, asked for while a name is typed. Of two answers only that to the later question counts. */
export class People {
  found = $state.raw<Person[]>([]);
  #clip: string;
  #turn = 0;
  #known = new Map<string, Person[]>();

  constructor(clip: string) {
    this.#clip = clip;
  }

  async ask(q: string): Promise<void> {
    const turn = ++this.#turn;
    const key = q.trim().toLowerCase();
    const known = this.#known.get(key);
    if (known) {
      this.found = known;
      return;
    }
    try {
      const page = await answer(api.GET('/clips/{id}/people', { params: { path: { id: this.#clip }, query: { q: key, limit: enough } } }));
      this.#known.set(key, page.items);
      if (turn === this.#turn) this.found = page.items;
    } catch {
      if (turn === this.#turn) this.found = []; // a name can be written without help
    }
  }

  close(): void {
    this.#turn++;
    this.found = [];
  }
}
