import { api, answer, problem, type Clip, type Event } from '../lib/api/client';

type Patch = Partial<Pick<Clip, 'title' | 'description' | 'visibility' | 'channel_id'>>;

const patience = 2_000; // ms between looks when the server names no time

/** The clip of the page: as the server last told it, with what we are changing laid over it. */
export class ClipStore {
  /** It cannot be seen any more: deleted, or the link it was opened by was taken back. */
  gone = $state(false);
  #told = $state.raw() as Clip;
  #over = $state.raw<Patch>({});

  constructor(first: Clip) {
    this.#told = first;
  }

  get now(): Clip {
    return { ...this.#told, ...this.#over };
  }

  /** From a live event or an answer. An answer that was overtaken by a newer version is left. */
  take = (clip: Clip | undefined): void => {
    if (clip && clip.id === this.#told.id && clip.version >= this.#told.version) this.#told = clip;
  };

  hear = (e: Event): void => this.take(e.clip);

  refresh = async (): Promise<void> => {
    try {
      this.take(await answer(api.GET('/clips/{id}', { params: { path: { id: this.#told.id } } })));
    } catch (e) {
      if (problem(e).status === 404) this.gone = true;
      throw e;
    }
  };

  /** Shows the change at once and takes it back when the server refuses. Throws Problem then. */
  async change(patch: Patch): Promise<void> {
    const { id, version } = this.#told;
    this.#over = { ...this.#over, ...patch };
    try {
      this.take(await answer(api.PATCH('/clips/{id}', { params: { path: { id }, header: { 'If-Match': `"${version}"` } }, body: patch })));
    } catch (e) {
      const p = problem(e);
      if (p.status === 412) await this.refresh().catch(() => undefined); // show what the others wrote
      throw p;
    } finally {
      const rest = { ...this.#over };
      for (const key of Object.keys(patch) as (keyof Patch)[]) if (rest[key] === patch[key]) delete rest[key];
      this.#over = rest;
    }
  }

  retry = async (step: 'transcode' | 'transcribe'): Promise<void> => {
    this.#told = await answer(api.POST('/clips/{id}/retry', { params: { path: { id: this.#told.id } }, body: { step } }));
  };

  trash = async (): Promise<void> => {
    await answer(api.DELETE('/clips/{id}', { params: { path: { id: this.#told.id } } }));
    this.#told = { ...this.#told, trashed_at: new Date().toISOString() };
  };

  restore = async (): Promise<void> => {
    this.#told = await answer(api.POST('/clips/{id}/restore', { params: { path: { id: this.#told.id } } }));
  };

  /** Looks, as often as the server asks for, until there is something to play. Events may be sooner; this needs none. */
  async untilPlayable(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#told.media.master === null && this.#told.state !== 'failed' && this.#told.state !== 'ready') {
      let wait = patience;
      try {
        await this.refresh();
      } catch (e) {
        const p = problem(e);
        if (p.status === 404 || p.status === 401 || p.status === 403) return;
        wait = Math.max(patience, (p.retryAfter ?? 0) * 1000);
      }
      await pause(wait, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
