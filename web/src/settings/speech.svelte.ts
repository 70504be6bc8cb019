import { unwrap, api, toProblem, type Engine, type Model, type Problem } from '../lib/api/client';

const pollInterval = 1000; // ms between looks at a download
const waitInterval = 10_000; // ms between looks while the server pauses before it tries again

/** The speech engines of the server and what they need. While something is downloaded it looks again each second. */
export class SpeechModels {
  engines = $state<Engine[] | null>(null);
  models = $state<Model[]>([]);
  error = $state<Problem | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** What the settings name or what is here; the rest is a choice. */
  readonly shown = $derived(this.models.filter((m) => m.used || m.installed || m.pulling || m.done_bytes > 0));
  readonly others = $derived(this.models.filter((m) => !this.shown.includes(m)));

  readonly comingFiles = $derived(describeComingFiles(this.models));

  async load(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const [engines, models] = await Promise.all([unwrap(api.GET('/engines')), unwrap(api.GET('/models'))]);
      this.engines = engines.items;
      this.models = models.items;
      this.error = null;
    } catch (e) {
      if (this.engines === null) this.error = toProblem(e);
    }
    if (this.#closed) return;
    const wait = this.models.some((m) => m.pulling) ? pollInterval : this.comingFiles ? waitInterval : 0;
    if (wait > 0) this.#timer = setTimeout(() => void this.load(), wait);
  }

  /** Starts or resumes a download; returns the error, if any. */
  pull(model: Model): Promise<Problem | null> {
    return this.#change(() => unwrap(api.POST('/models/{name}/pull', { params: { path: { name: model.name } } })));
  }

  /** Stops a download, or deletes what is installed. Gives what is wrong. */
  remove(model: Model): Promise<Problem | null> {
    return this.#change(() => unwrap(api.DELETE('/models/{name}', { params: { path: { name: model.name } } })));
  }

  async #change(call: () => Promise<unknown>): Promise<Problem | null> {
    try {
      await call();
    } catch (e) {
      return toProblem(e);
    }
    await this.load();
    return null;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}

/** What to say of the files that the server fetches by itself; `failed` is the one to try again. */
export interface ComingFiles {
  text: string;
  failed: Model | null;
}

/** null when nothing is awaited. */
export function describeComingFiles(models: Model[]): ComingFiles | null {
  const awaited = models.filter((m) => m.automatic && !m.installed);
  if (awaited.length === 0) return null;
  const failed = awaited.find((m) => m.failure !== null && !m.pulling) ?? null;
  if (failed) return { text: `Better transcripts have to wait: ${failed.failure ?? ''} The server tries again by itself.`, failed };
  const sum = (of: (m: Model) => number) => Math.round(awaited.reduce((n, m) => n + of(m), 0) / 1e6);
  return { text: `Better transcripts are on their way: ${sum((m) => m.done_bytes)} of ${sum((m) => m.bytes)} MB`, failed: null };
}

/** 81768585 → "82 MB". */
export const megabytes = (n: number): string => `${n < 9_950_000 ? (n / 1e6).toFixed(1) : Math.round(n / 1e6)} MB`;

/** Which languages an engine or model is for, in words. */
export function languages(tags: string[], any: string): string {
  if (tags.length === 0) return any;
  const names = new Intl.DisplayNames('en', { type: 'language' });
  return tags.map((t) => names.of(t) ?? t).join(', ');
}
