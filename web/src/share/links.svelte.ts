import { api, answer, problem, type Link, type NewLink } from '../lib/api/client';

type Switches = { allow_comments?: boolean; allow_download?: boolean };

/** The share links of a clip, newest first; for those who may share it. */
export class Links {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  all = $state.raw<Link[]>([]);
  /** Whether somebody without an account can see the clip now. */
  open = $derived(this.all.some((l) => l.access !== 'workspace'));

  #clip: string;

  constructor(clip: string) {
    this.#clip = clip;
  }

  load = async (): Promise<void> => {
    this.state = 'loading';
    try {
      this.all = (await answer(api.GET('/clips/{id}/links', { params: { path: { id: this.#clip }, query: { limit: 100 } } }))).items;
      this.state = 'ready';
    } catch {
      this.state = 'failed';
    }
  };

  /** Makes a link for anyone who has it. Its address is told this once. Throws Problem. */
  async create(switches: Switches): Promise<NewLink> {
    const made = await answer(api.POST('/clips/{id}/links', { params: { path: { id: this.#clip } }, body: { access: 'anyone', ...switches } }));
    const { token: _, url: __, ...link } = made;
    this.all = [link, ...this.all];
    return made;
  }

  /** Changes a switch; it goes back when the server refuses. Throws Problem then. */
  async change(id: string, switches: Switches): Promise<void> {
    const old = this.all;
    this.all = old.map((l) => (l.id === id ? { ...l, ...switches } : l));
    try {
      const link = await answer(api.PATCH('/links/{id}', { params: { path: { id } }, body: switches }));
      this.all = this.all.map((l) => (l.id === id ? link : l));
    } catch (e) {
      this.all = old;
      throw problem(e);
    }
  }

  /** Takes a link back. Throws Problem. */
  async revoke(id: string): Promise<void> {
    try {
      await answer(api.DELETE('/links/{id}', { params: { path: { id } } }));
    } catch (e) {
      if (problem(e).status !== 404) throw problem(e);
    }
    this.all = this.all.filter((l) => l.id !== id);
  }
}
