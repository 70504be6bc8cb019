import { api, unwrap, toProblem, type Link, type NewLink } from '../lib/api/client';
import type { components } from '../lib/api/schema';
import { loadStored, saveStored } from '../lib/storage';

export type LinkRequest = components['schemas']['LinkRequest'];
export type LinkPatch = components['schemas']['LinkPatch'];

const key = 'links'; // addresses of links made in this browser, by id: the server tells each only once
const maxKnownLinks = 200;

/** The share links of a clip, newest first; for those who may share it. */
export class Links {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  all = $state.raw<Link[]>([]);
  /** Whether the clip can be seen without an account. */
  open = $derived(this.all.some((l) => l.access !== 'workspace'));

  #clip: string;
  #known = $state.raw<Record<string, string>>(loadKnownLinks());

  constructor(clip: string) {
    this.#clip = clip;
  }

  load = async (): Promise<void> => {
    this.state = 'loading';
    try {
      this.all = (await unwrap(api.GET('/clips/{id}/links', { params: { path: { id: this.#clip }, query: { limit: 100 } } }))).items;
      this.state = 'ready';
    } catch {
      this.state = 'failed';
    }
  };

  /** Makes a link. Throws Problem. */
  async create(body: LinkRequest): Promise<NewLink> {
    const made = await unwrap(api.POST('/clips/{id}/links', { params: { path: { id: this.#clip } }, body }));
    const { token: _, url, ...link } = made;
    this.#saveKnown({ ...this.#known, [link.id]: url });
    this.all = [link, ...this.all];
    return made;
  }

  /** Changes a link; it goes back when the server refuses. Throws Problem then. */
  async change(id: string, patch: LinkPatch): Promise<void> {
    const old = this.all;
    const { password: _, ...seen } = patch;
    this.all = old.map((l) => (l.id === id ? { ...l, ...seen } : l));
    try {
      const link = await unwrap(api.PATCH('/links/{id}', { params: { path: { id } }, body: patch }));
      this.all = this.all.map((l) => (l.id === id ? link : l));
    } catch (e) {
      this.all = old;
      throw toProblem(e);
    }
  }

  /** Takes a link back. Throws Problem. */
  async revoke(id: string): Promise<void> {
    try {
      await unwrap(api.DELETE('/links/{id}', { params: { path: { id } } }));
    } catch (e) {
      if (toProblem(e).status !== 404) throw toProblem(e);
    }
    const { [id]: _, ...rest } = this.#known;
    this.#saveKnown(rest);
    this.all = this.all.filter((l) => l.id !== id);
  }

  /** The address of a link, if it was made in this browser. */
  urlOf(id: string): string | undefined {
    return this.#known[id];
  }

  #saveKnown(all: Record<string, string>): void {
    this.#known = Object.fromEntries(Object.entries(all).slice(-maxKnownLinks));
    saveStored(key, this.#known);
  }
}

function loadKnownLinks(): Record<string, string> {
  const kept = loadStored<unknown>(key, {});
  if (typeof kept !== 'object' || kept === null) return {};
  return Object.fromEntries(Object.entries(kept).filter((e): e is [string, string] => typeof e[1] === 'string'));
}
