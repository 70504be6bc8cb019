import { serverNowISO } from '../lib/serverClock';
import { api, unwrap, toProblem, type Clip, type Event } from '../lib/api/client';

type Patch = Partial<Pick<Clip, 'title' | 'description' | 'tags' | 'visibility' | 'channel_id'>>;

const pollInterval = 2_000; // ms, when the server gives no Retry-After

/** The clip of the page: the server's state with the changes being sent applied on top. */
export class ClipStore {
  /** It cannot be seen any more: deleted, or the link it was opened by was revoked. */
  gone = $state(false);
  #serverState = $state.raw() as Clip;
  #optimistic = $state.raw<Patch>({});

  constructor(first: Clip) {
    this.#serverState = first;
  }

  get clip(): Clip {
    return { ...this.#serverState, ...this.#optimistic };
  }

  /** Applies a clip from an event or an answer; an older version than the present one is ignored. */
  applyClip = (clip: Clip | undefined): void => {
    if (clip && clip.id === this.#serverState.id && clip.version >= this.#serverState.version) this.#serverState = clip;
  };

  applyEvent = (e: Event): void => this.applyClip(e.clip);

  refresh = async (): Promise<void> => {
    try {
      this.applyClip(await unwrap(api.GET('/clips/{id}', { params: { path: { id: this.#serverState.id } } })));
    } catch (e) {
      if (toProblem(e).status === 404) this.gone = true;
      throw e;
    }
  };

  /** Shows the change at once and takes it back when the server refuses. Throws Problem then. */
  async change(patch: Patch): Promise<void> {
    const { id, version } = this.#serverState;
    this.#optimistic = { ...this.#optimistic, ...patch };
    try {
      this.applyClip(
        await unwrap(api.PATCH('/clips/{id}', { params: { path: { id }, header: { 'If-Match': `"${version}"` } }, body: patch })),
      );
    } catch (e) {
      const p = toProblem(e);
      if (p.status === 412) await this.refresh().catch(() => undefined); // show what the others wrote
      throw p;
    } finally {
      const rest = { ...this.#optimistic };
      for (const key of Object.keys(patch) as (keyof Patch)[]) if (rest[key] === patch[key]) delete rest[key];
      this.#optimistic = rest;
    }
  }

  retry = async (step: 'transcode' | 'transcribe'): Promise<void> => {
    this.#serverState = await unwrap(api.POST('/clips/{id}/retry', { params: { path: { id: this.#serverState.id } }, body: { step } }));
  };

  trash = async (): Promise<void> => {
    await unwrap(api.DELETE('/clips/{id}', { params: { path: { id: this.#serverState.id } } }));
    this.#serverState = { ...this.#serverState, trashed_at: serverNowISO() };
  };

  restore = async (): Promise<void> => {
    this.#serverState = await unwrap(api.POST('/clips/{id}/restore', { params: { path: { id: this.#serverState.id } } }));
  };

  /** Polls, as often as the server asks for, until there is something to play; works without events. */
  async waitUntilPlayable(signal: AbortSignal): Promise<void> {
    while (
      !signal.aborted &&
      this.#serverState.media.master === null &&
      this.#serverState.state !== 'failed' &&
      this.#serverState.state !== 'ready'
    ) {
      let wait = pollInterval;
      try {
        await this.refresh();
      } catch (e) {
        const p = toProblem(e);
        if (p.status === 404 || p.status === 401 || p.status === 403) return;
        wait = Math.max(pollInterval, (p.retryAfter ?? 0) * 1000);
      }
      await sleep(wait, signal);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
