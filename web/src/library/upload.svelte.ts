import { unwrap, api, toProblem } from '../lib/api/client';
import { destinationValue, type Destination } from '../lib/destination';
import { randomText } from '../lib/random';
import { RequestRefused, uploadFile, type UploadTrouble } from '../recorder/tus';

export type Upload = {
  id: number;
  name: string;
  bytes: number;
  durable: number; // bytes the server keeps
  state: 'waiting' | 'sending' | 'done' | 'failed';
  trouble: UploadTrouble | null;
  proxyLimit: number; // bytes of the last part that a proxy refused; 0 = none
  error: string;
  clip: string; // id, once there is one
  destination: Destination; // who is to see it
  first: { key: string; destination: Destination } | null; // of the request for its clip, which is repeated as it was
};

/** Codes of refusals that a retry would get again. */
const permanentCodes = new Set(['unsupported_media', 'too_large', 'quota', 'unreadable']);

/** Why a file cannot be uploaded; "" when it can. */
export function rejectReason(file: { name: string; size: number; type: string }, most: number): string {
  if (file.size === 0) return 'The file is empty.';
  if (most > 0 && file.size > most) return `The file is larger than this server takes (${Math.floor(most / 1e6).toLocaleString('en')} MB).`;
  const media =
    /^(video|audio)\//.test(file.type) ||
    /\.(mp4|m4v|mov|webm|mkv|avi|m4a|mp3|wav|ogg|opus|oga|flac|aac|mpg|mpeg|ts|3gp)$/i.test(file.name);
  return media || file.type === 'application/octet-stream' ? '' : 'Only audio and video can be uploaded.';
}

/** "2026-11-20 stand-up.mov" → "2026-11-20 stand-up" */
export function titleFromFileName(name: string): string {
  return (
    name
      .replace(/\.[^.\s]{1,5}$/, '')
      .replace(/_+/g, ' ')
      .trim() || name
  ).slice(0, 200);
}

/** Files that are uploaded as clips, one after the other, so that each is finished as early as possible. */
export class Uploads {
  list = $state<Upload[]>([]);
  /** The destination of files that are added from now on. */
  destination: Destination = { channel_id: null, visibility: 'workspace' };
  #workspace: string;
  #maxBytes: number;
  #lastId = 0;
  #files = new Map<number, File>();
  #aborts = new Map<number, AbortController>();
  #busy = false;

  constructor(workspace: string, most: number) {
    this.#workspace = workspace;
    this.#maxBytes = most;
  }

  get sending(): boolean {
    return this.list.some((u) => u.state === 'sending' || u.state === 'waiting');
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const error = rejectReason(file, this.#maxBytes);
      const upload: Upload = {
        id: ++this.#lastId,
        name: file.name,
        bytes: file.size,
        durable: 0,
        state: error ? 'failed' : 'waiting',
        trouble: null,
        proxyLimit: 0,
        error,
        clip: '',
        destination: this.destination,
        first: null,
      };
      this.list.push(upload);
      if (!error) this.#files.set(upload.id, file);
    }
    void this.#processQueue();
  }

  /** Stops one and takes it off the list. A clip it had begun goes with it. */
  cancel(id: number): void {
    const upload = this.#findUpload(id);
    const running = this.#aborts.get(id);
    this.#files.delete(id);
    this.list = this.list.filter((u) => u.id !== id);
    if (running)
      running.abort(); // #send throws its clip away
    else if (upload?.clip && upload.state !== 'done') void this.#deleteClip(upload.clip);
  }

  /** Changes who may see an upload, whether or not its clip exists yet. Throws Problem. */
  async setDestination(id: number, place: Destination): Promise<void> {
    const upload = this.#findUpload(id);
    if (!upload) return;
    const before = upload.destination;
    upload.destination = place;
    if (!upload.clip) return; // it begins there
    try {
      await this.#updateDestination(upload.clip, place);
    } catch (e) {
      upload.destination = before;
      throw e;
    }
  }

  retry(id: number): void {
    const upload = this.#findUpload(id);
    if (!upload || !this.#files.has(id)) return;
    Object.assign(upload, { state: 'waiting', error: '', trouble: null });
    void this.#processQueue();
  }

  #findUpload(id: number) {
    return this.list.find((u) => u.id === id);
  }

  async #processQueue() {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) await this.#sendFile(next);
    this.#busy = false;
  }

  #nextWaiting() {
    return this.list.find((u) => u.state === 'waiting');
  }

  async #sendFile(upload: Upload) {
    const file = this.#files.get(upload.id)!;
    const stop = new AbortController();
    this.#aborts.set(upload.id, stop);
    upload.state = 'sending';
    try {
      if (!upload.clip) await this.#createClip(upload, file);
      await uploadFile(file, {
        clipId: upload.clip,
        signal: stop.signal,
        onProgress: (durable) => (upload.durable = durable),
        onTrouble: (trouble) => (upload.trouble = trouble),
        onProxyLimit: (bytes) => (upload.proxyLimit = bytes),
      });
      upload.state = 'done';
      this.#files.delete(upload.id);
    } catch (e) {
      const over = stop.signal.aborted || (e instanceof RequestRefused && permanentCodes.has(e.code));
      if (over && upload.clip) {
        void this.#deleteClip(upload.clip);
        upload.clip = '';
      }
      upload.state = 'failed';
      upload.error = e instanceof RequestRefused ? e.message : toProblem(e).detail;
    } finally {
      this.#aborts.delete(upload.id);
    }
  }

  /** Runs to its end even when stopped meanwhile, so that the clip is known and can be thrown away. */
  async #createClip(upload: Upload, file: File): Promise<void> {
    upload.first ??= { key: randomText(), destination: { ...upload.destination } };
    const { key, destination: first } = upload.first;
    const clip = await unwrap(
      api.POST('/clips', {
        body: { workspace_id: this.#workspace, kind: 'file', title: titleFromFileName(file.name), ...first },
        params: { header: { 'Idempotency-Key': key } },
      }),
    ).catch((e: unknown) => {
      const { status } = toProblem(e);
      if (status >= 400 && status < 500) upload.first = null; // refused: the next try is another request
      throw e;
    });
    upload.clip = clip.id;
    upload.first = null;
    // Chosen while the clip was made: nothing of it is sent before it is where it belongs.
    if (destinationValue(upload.destination) === destinationValue(first)) return;
    try {
      await this.#updateDestination(clip.id, upload.destination);
    } catch (e) {
      upload.destination = first;
      throw e;
    }
  }

  async #updateDestination(clip: string, { channel_id, visibility }: Destination): Promise<void> {
    await unwrap(api.PATCH('/clips/{id}', { params: { path: { id: clip } }, body: { channel_id, visibility } }));
  }

  async #deleteClip(clip: string) {
    // If this fails, the clip seals itself as empty and says so in the library.
    await unwrap(api.DELETE('/clips/{id}', { params: { path: { id: clip } } })).catch(() => {});
  }
}
