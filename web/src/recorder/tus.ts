/**
 * A small tus 1.0.0 client (https://tus.io/protocols/resumable-upload) that can push a file which is
 * still growing. It holds no bytes: it asks its source for the next slice, so memory stays flat.
 */
import { OffsetConflict, ProxyLimit, RetryPolicy, RequestRefused, request, TransientError, type UploadTrouble } from './request';

export { RequestRefused, type UploadTrouble } from './request';

/** What is uploaded. */
export interface Source {
  /** How many bytes there are, and whether that is all. */
  state(): { bytes: number; sealed: boolean };
  /** Exactly the bytes [from, to). Throws Refused when they are no longer to be had. */
  read(from: number, to: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  /** Resolves when state() may have changed. */
  changed(): Promise<void>;
}

export interface PushOptions {
  /** Where uploads are created. Default /api/v1/uploads. */
  endpoint?: string;
  metadata: { clip_id: string; filetype?: string; filename?: string };
  /** Path of an upload to go on with. */
  path?: string;
  /** Bytes in all when that is known at the start; else the length is deferred until the source is sealed. */
  length?: number;
  /** The path of the upload as soon as there is one. A path and no URL: a proxy may know the server by another origin. */
  onPath?(path: string): void;
  /** Bytes that the server has made durable. */
  onProgress?(durable: number): void;
  /** What is in the way, or null when it is over. */
  onTrouble?(trouble: UploadTrouble | null): void;
  /** A proxy refused a part of so many bytes: it goes on in smaller ones. */
  onProxyLimit?(refusedBytes: number): void;
  signal?: AbortSignal;
}

const RESUMABLE = { 'Tus-Resumable': '1.0.0' };
const SMALLEST = 64 << 10;
const LARGEST = 8 << 20;
/** A waiting upload shows that it is alive this often (ms), by an empty PATCH; the server calls 60 s without one a risk. */
const HEARTBEAT = 30_000;

interface UploadState {
  path: string;
  offset: number;
  done: boolean;
}

/**
 * Uploads until the source is sealed and the server has every byte; resolves to the upload's path.
 * Continues through lost connections, restarts of the server and ended sessions for as long as it takes;
 * rejects with Refused when the server will not have it, or with the signal's reason.
 */
export async function pushUpload(source: Source, o: PushOptions): Promise<string> {
  const patience = new RetryPolicy(o.signal, (t) => o.onTrouble?.(t));
  const size = new PatchSize();
  let path = o.path;
  let known: UploadState | undefined; // undefined: ask the server
  for (;;) {
    try {
      known ??= path ? await fetchOffset(path, o) : await createUpload(source, o);
      if (path !== known.path) o.onPath?.((path = known.path));
      o.onProgress?.(known.offset);
      if (known.done) {
        patience.markSuccess();
        return known.path;
      }
      const { bytes, sealed } = source.state();
      if (known.offset >= bytes && !sealed) {
        patience.markSuccess();
        if (await resolvesWithin(HEARTBEAT, source.changed(), o.signal)) continue;
      }
      known = await patchUpload(known, source, size, o);
      patience.markSuccess();
    } catch (e) {
      known = undefined;
      if (e instanceof ProxyLimit) continue; // the next part is smaller
      if (!(e instanceof TransientError || e instanceof OffsetConflict)) throw e;
      await patience.waitAfter(e);
    }
  }
}

async function createUpload(source: Source, o: PushOptions): Promise<UploadState> {
  const headers: Record<string, string> = { ...RESUMABLE, 'Upload-Metadata': encodeMetadata(o.metadata) };
  if (o.length === undefined) headers['Upload-Defer-Length'] = '1';
  else headers['Upload-Length'] = String(o.length);
  const endpoint = o.endpoint ?? '/api/v1/uploads';
  try {
    const answer = await request('POST', endpoint, { headers, signal: o.signal });
    const path = pathOf(answer.headers.get('Location'), endpoint);
    const { bytes, sealed } = source.state();
    return { path, offset: 0, done: sealed && bytes === 0 && o.length === 0 };
  } catch (e) {
    // The clip has an upload already: the answer to an earlier POST was lost.
    if (e instanceof RequestRefused && e.code === 'conflict' && e.location) return fetchOffset(pathOf(e.location, endpoint), o);
    throw e;
  }
}

async function fetchOffset(path: string, o: PushOptions): Promise<UploadState> {
  const answer = await request('HEAD', path, { headers: RESUMABLE, signal: o.signal });
  const offset = parseOffset(answer.headers.get('Upload-Offset'));
  return { path, offset, done: answer.headers.get('Upload-Length') === String(offset) };
}

/** Sends the next slice, and with the last one the length. */
async function patchUpload(from: UploadState, source: Source, size: PatchSize, o: PushOptions): Promise<UploadState> {
  const { bytes, sealed } = source.state();
  // After a crash the server may have bytes that this disk had no space for.
  const total = Math.max(bytes, from.offset);
  const end = Math.min(total, from.offset + size.bytes);
  const last = sealed && end === total;
  const body = end > from.offset ? await source.read(from.offset, end) : new Uint8Array();
  const headers: Record<string, string> = {
    ...RESUMABLE,
    'Upload-Offset': String(from.offset),
    'Content-Type': 'application/offset+octet-stream',
  };
  if (last && o.length === undefined) headers['Upload-Length'] = String(total);
  const began = performance.now();
  const answer = await request('PATCH', from.path, { headers, body, signal: o.signal }).catch((e: unknown) => {
    if (e instanceof ProxyLimit) {
      size.shrinkBelow(body.length);
      o.onProxyLimit?.(body.length);
    }
    if (e instanceof TransientError && (e.trouble === 'unreachable' || e.trouble === 'failing')) size.shrinkAfterFailure();
    throw e;
  });
  size.adjust(body.length, performance.now() - began);
  const offset = parseOffset(answer.headers.get('Upload-Offset'));
  const done = last && offset === total;
  return { path: from.path, offset, done };
}

/** How much one PATCH carries: what takes a second or two, so that progress moves and little is sent twice. */
class PatchSize {
  bytes = 256 << 10;
  #largest = LARGEST;
  #untilGrowth = 0; // parts that must succeed before larger ones are tried
  adjust(sent: number, tookMs: number) {
    if (tookMs > 3000) this.bytes = Math.max(SMALLEST, this.bytes / 2);
    else if (tookMs < 1000 && sent === this.bytes && --this.#untilGrowth < 0) this.bytes = Math.min(this.#largest, this.bytes * 2);
  }
  /**
   * A part got no answer, or a proxy's 5xx: the proxy may refuse its size without saying so, or keep parts until they are
   * complete on a line that breaks before that.
   */
  shrinkAfterFailure() {
    this.bytes = Math.max(SMALLEST, Math.floor(this.bytes / 2));
    this.#untilGrowth = 8;
  }
  /** A proxy refused `sent` bytes: from now on half of them at most. Throws Refused when that is too little to go on. */
  shrinkBelow(sent: number) {
    if (sent <= SMALLEST)
      throw new RequestRefused(
        'proxy_limit',
        'The proxy in front of the server takes less than 64 KB in one request: ask whoever runs it for more (nginx: client_max_body_size).',
      );
    this.#largest = this.bytes = Math.max(SMALLEST, Math.floor(Math.min(this.bytes, sent) / 2));
  }
}

/** Upload-Metadata: keys and base64 of UTF-8 values. */
export const encodeMetadata = (metadata: Record<string, string | undefined>) =>
  Object.entries(metadata)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`)
    .join(',');

function pathOf(location: string | null, endpoint: string): string {
  if (!location) throw new TransientError('failing'); // an answer that something on the way has mangled
  return new URL(location, new URL(endpoint, 'http://localhost')).pathname;
}

function parseOffset(header: string | null): number {
  if (!header || !/^\d+$/.test(header)) throw new TransientError('failing');
  return Number(header);
}

/** true when `event` comes within `ms`, false when it does not; rejects with the signal's reason. */
export function resolvesWithin(ms: number, event: Promise<void>, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const abort = () => (clearTimeout(timer), reject(signal?.reason));
    const timer = setTimeout(() => (signal?.removeEventListener('abort', abort), resolve(false)), ms);
    signal?.addEventListener('abort', abort, { once: true });
    void event.then(() => (clearTimeout(timer), signal?.removeEventListener('abort', abort), resolve(true)));
    if (signal?.aborted) abort();
  });
}

export interface FileUpload {
  /** The clip whose original this is (POST /clips with kind "file" makes one). */
  clipId: string;
  /** Bytes that the server has made durable, of file.size. */
  onProgress?(durable: number, total: number): void;
  /** The present obstacle (the upload continues by itself), or null when it is over. */
  onTrouble?(trouble: UploadTrouble | null): void;
  /** A proxy refused a part of so many bytes: it goes on in smaller ones. */
  onProxyLimit?(refusedBytes: number): void;
  signal?: AbortSignal;
}

/** Uploads a file that is there already. Resolves when the server has it all; rejects with Refused or the signal's reason. */
export async function uploadFile(file: File, { clipId, onProgress, onTrouble, onProxyLimit, signal }: FileUpload): Promise<void> {
  const source: Source = {
    state: () => ({ bytes: file.size, sealed: true }),
    async read(from, to) {
      try {
        return new Uint8Array(await file.slice(from, to).arrayBuffer());
      } catch {
        throw new RequestRefused('unreadable', `${file.name} can no longer be read. Was it moved or changed?`);
      }
    },
    changed: () => new Promise(() => {}), // never resolves
  };
  await pushUpload(source, {
    metadata: { clip_id: clipId, filetype: file.type, filename: file.name },
    length: file.size,
    onProgress: (n) => onProgress?.(n, file.size),
    onTrouble,
    onProxyLimit,
    signal,
  });
}
