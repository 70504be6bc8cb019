import { answer, api, problem } from '../lib/api/client';
import { placeValue, type Place } from '../lib/place';
import { Refused, uploadFile, type Trouble } from '../recorder/tus';

export type Upload = {
  id: number;
  name: string;
  bytes: number;
  durable: number; // bytes the server keeps
  state: 'waiting' | 'sending' | 'done' | 'failed';
  trouble: Trouble | null;
  error: string;
  clip: string; // id, once there is one
  place: Place; // who is to see it
};

/** Codes of refusals that another try would meet again. */
const hopeless = new Set(['unsupported_media', 'too_large', 'quota', 'unreadable']);

/** Why a file is not sent at all; "" when it may be. */
export function unfit(file: { name: string; size: number; type: string }, most: number): string {
  if (file.size === 0) return 'The file is empty.';
  if (most > 0 && file.size > most) return `The file is larger than this server takes (${Math.floor(most / 1e6).toLocaleString('en')} MB).`;
  const media =
    /^(video|audio)\//.test(file.type) ||
    /\.(mp4|m4v|mov|webm|mkv|avi|m4a|mp3|wav|ogg|opus|oga|flac|aac|mpg|mpeg|ts|3gp)$/i.test(file.name);
  return media || file.type === 'application/octet-stream' ? '' : 'Only audio and video can be uploaded.';
}

/** "2026-11-20 stand-up.mov" → "2026-11-20 stand-up" */
export function titleOf(name: string): string {
  return (
    name
      .replace(/\.[^.\s]{1,5}$/, '')
      .replace(/_+/g, ' ')
      .trim() || name
  ).slice(0, 200);
}

/** Files on their way to becoming clips: one after the other, so that each is there as soon as possible. */
export class Uploads {
  list = $state<Upload[]>([]);
  /** Who is to see what is added from now on. */
  place: Place = { channel_id: null, visibility: 'workspace' };
  #workspace: string;
  #most: number;
  #made = 0;
  #files = new Map<number, File>();
  #stops = new Map<number, AbortController>();
  #busy = false;

  constructor(workspace: string, most: number) {
    this.#workspace = workspace;
    this.#most = most;
  }

  get sending(): boolean {
    return this.list.some((u) => u.state === 'sending' || u.state === 'waiting');
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const error = unfit(file, this.#most);
      const upload: Upload = {
        id: ++this.#made,
        name: file.name,
        bytes: file.size,
        durable: 0,
        state: error ? 'failed' : 'waiting',
        trouble: null,
        error,
        clip: '',
        place: this.place,
      };
      this.list.push(upload);
      if (!error) this.#files.set(upload.id, file);
    }
    void this.#work();
  }

  /** Stops one and takes it off the list. A clip it had begun goes with it. */
  cancel(id: number): void {
    const upload = this.#of(id);
    const running = this.#stops.get(id);
    this.#files.delete(id);
    this.list = this.list.filter((u) => u.id !== id);
    if (running)
      running.abort(); // #send throws its clip away
    else if (upload?.clip && upload.state !== 'done') void this.#discard(upload.clip);
  }

  /** Lets others see it than was said, whether or not its clip has begun. Throws Problem. */
  async move(id: number, place: Place): Promise<void> {
    const upload = this.#of(id);
    if (!upload) return;
    const before = upload.place;
    upload.place = place;
    if (!upload.clip) return; // it begins there
    try {
      await this.#put(upload.clip, place);
    } catch (e) {
      upload.place = before;
      throw e;
    }
  }

  retry(id: number): void {
    const upload = this.#of(id);
    if (!upload || !this.#files.has(id)) return;
    Object.assign(upload, { state: 'waiting', error: '', trouble: null });
    void this.#work();
  }

  #of(id: number) {
    return this.list.find((u) => u.id === id);
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#waiting(); next; next = this.#waiting()) await this.#send(next);
    this.#busy = false;
  }

  #waiting() {
    return this.list.find((u) => u.state === 'waiting');
  }

  async #send(upload: Upload) {
    const file = this.#files.get(upload.id)!;
    const stop = new AbortController();
    this.#stops.set(upload.id, stop);
    upload.state = 'sending';
    try {
      if (!upload.clip) await this.#begin(upload, file);
      await uploadFile(file, {
        clipId: upload.clip,
        signal: stop.signal,
        onProgress: (durable) => (upload.durable = durable),
        onTrouble: (trouble) => (upload.trouble = trouble),
      });
      upload.state = 'done';
      this.#files.delete(upload.id);
    } catch (e) {
      const over = stop.signal.aborted || (e instanceof Refused && hopeless.has(e.code));
      if (over && upload.clip) {
        void this.#discard(upload.clip);
        upload.clip = '';
      }
      upload.state = 'failed';
      upload.error = e instanceof Refused ? e.message : problem(e).detail;
    } finally {
      this.#stops.delete(upload.id);
    }
  }

  /** Runs to its end even when stopped meanwhile, so that the clip is known and can be thrown away. */
  async #begin(upload: Upload, file: File): Promise<void> {
    const first = { ...upload.place };
    const clip = await answer(
      api.POST('/clips', {
        body: { workspace_id: this.#workspace, kind: 'file', title: titleOf(file.name), ...first },
        params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
      }),
    );
    upload.clip = clip.id;
    // Chosen while the clip was made: nothing of it is sent before it is where it belongs.
    if (placeValue(upload.place) === placeValue(first)) return;
    try {
      await this.#put(clip.id, upload.place);
    } catch (e) {
      upload.place = first;
      throw e;
    }
  }

  async #put(clip: string, { channel_id, visibility }: Place): Promise<void> {
    await answer(api.PATCH('/clips/{id}', { params: { path: { id: clip } }, body: { channel_id, visibility } }));
  }

  async #discard(clip: string) {
    // If this fails, the clip seals itself as empty and says so in the library.
    await answer(api.DELETE('/clips/{id}', { params: { path: { id: clip } } })).catch(() => {});
  }
}
