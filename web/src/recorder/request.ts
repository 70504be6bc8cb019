/**
 * One HTTP request of an upload and the meaning of its failure: a TransientError is worth another try, a
 * RequestRefused is final. Runs on a page and in a worker alike.
 */

/** Why nothing can be sent at the moment. The bytes are kept, and sent when it is over. */
export type UploadTrouble =
  | 'offline' // the browser itself says it has no network
  | 'unreachable' // no answer: the server is down, or something between us
  | 'failing' // 5xx
  | 'full' // 507: the server has no space left
  | 'busy' // 429 or 503 with Retry-After
  | 'signed_out'; // 401: the session ended

/** Final: repeating the request would get the same answer. `code` is the API's (problem+json). */
export class RequestRefused extends Error {
  override name = 'Refused';
  constructor(
    readonly code: string,
    message: string,
    readonly location: string | null = null,
  ) {
    super(message);
  }
}

/** Temporary: try again after a while. */
export class TransientError extends Error {
  override name = 'Setback';
  constructor(
    readonly trouble: UploadTrouble,
    readonly waitMs = 0,
  ) {
    super(trouble);
  }
}

/** 409: another request, or one whose answer was lost, has moved the upload: ask for its offset. */
export class OffsetConflict extends Error {
  override name = 'Moved';
}

/** 413 that is not the server's own: a proxy in front of it allows less in one request. */
export class ProxyLimit extends Error {
  override name = 'ProxyLimit';
}

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | string;
  signal?: AbortSignal;
  /** Milliseconds after which a silent connection is given up. Default: 30 s and 1 s per 16 KiB of body. */
  deadlineMs?: number;
}

/** Sends one request; the answer is a success. Throws Refused, Setback, Moved, or the signal's reason. */
export async function request(method: string, path: string, ask: RequestOptions = {}): Promise<Response> {
  const answer = await send(method, path, ask);
  if (answer.ok) return answer;
  throw await errorOf(answer, method);
}

/** Sends JSON and reads the answer's. `key`: repeated with it, the request gets the first answer again. */
export async function sendJSON<T>(method: string, path: string, body: string, signal: AbortSignal, key?: string): Promise<T> {
  const headers: Record<string, string> = body ? { 'Content-Type': 'application/json' } : {};
  if (key) headers['Idempotency-Key'] = key;
  return (await (await request(method, path, { headers, body: body || undefined, signal })).json()) as T;
}

async function send(method: string, path: string, { headers, body, signal, deadlineMs }: RequestOptions): Promise<Response> {
  signal?.throwIfAborted();
  // A stalled connection must not hang the loop for the minutes that TCP would wait.
  const abort = new AbortController();
  const stop = () => abort.abort(signal?.reason);
  const timer = setTimeout(() => abort.abort(), deadlineMs ?? 30_000 + (body?.length ?? 0) / 16);
  signal?.addEventListener('abort', stop);
  try {
    return await fetch(path, { method, headers, body, signal: abort.signal, cache: 'no-store' });
  } catch {
    signal?.throwIfAborted();
    throw new TransientError(navigator.onLine === false ? 'offline' : 'unreachable');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function errorOf(answer: Response, method: string): Promise<Error> {
  const wait = 1000 * Number(answer.headers.get('Retry-After') ?? 0) || 0;
  if (answer.status === 401) return new TransientError('signed_out', wait);
  if (answer.status === 429 || (answer.status === 503 && wait > 0)) return new TransientError('busy', wait);
  if (answer.status === 507) return new TransientError('full', wait);
  if (answer.status >= 500 || answer.status === 408 || answer.status === 425) return new TransientError('failing', wait);
  if (answer.status === 409 && method === 'PATCH') return new OffsetConflict();
  const problem = await problemOf(answer);
  if (answer.status === 413 && method === 'PATCH' && !problem.code) return new ProxyLimit();
  return new RequestRefused(
    problem.code ?? codeOf(answer.status),
    problem.detail ?? messageOf(answer.status),
    answer.headers.get('Location'),
  );
}

async function problemOf(answer: Response): Promise<{ code?: string; detail?: string }> {
  if (!answer.headers.get('Content-Type')?.includes('json')) return {}; // a proxy's page; HEAD has no body at all
  try {
    return (await answer.json()) as { code?: string; detail?: string };
  } catch {
    return {};
  }
}

const codeOf = (status: number) =>
  ({ 403: 'forbidden', 404: 'not_found', 409: 'conflict', 410: 'gone', 413: 'too_large', 415: 'unsupported_media' })[status] ?? 'invalid';

const messageOf = (status: number) =>
  ({
    403: 'You may not upload here.',
    404: 'The server does not know this upload.',
    410: 'The server has closed this upload.',
    413: 'This is more than the server takes.',
    415: 'The server does not recognise this as audio or video.',
  })[status] ?? `The server refused the upload (${status}).`;

/** Waits between the attempts of a request, with exponential backoff. */
export class RetryPolicy {
  #failures = 0;
  constructor(
    private signal: AbortSignal | undefined,
    private tell: (trouble: UploadTrouble | null) => void,
  ) {}

  /** A request succeeded: the next failure starts with the shortest wait. */
  markSuccess() {
    if (this.#failures) this.tell(null);
    this.#failures = 0;
  }

  /** Waits 0.25–5 s, doubling, or as long as the server asked for (a minute at most); returns at once when the network is back. */
  async waitAfter(setback: TransientError | OffsetConflict) {
    if (setback instanceof TransientError) this.tell(setback.trouble);
    const asked = setback instanceof TransientError ? Math.min(60_000, setback.waitMs) : 0;
    const wait = Math.min(5000, 250 * 2 ** this.#failures++) * (0.75 + Math.random() / 4);
    await waitOrOnline(Math.max(asked, wait), this.signal);
  }

  /** Does `work` until it succeeds or is refused. */
  async retryUntilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work();
        this.markSuccess();
        return result;
      } catch (e) {
        if (!(e instanceof TransientError)) throw e;
        await this.waitAfter(e);
      }
    }
  }
}

/** Resolves after `ms` or when the network comes back; rejects with the signal's reason. */
function waitOrOnline(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener('online', end);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    globalThis.addEventListener('online', end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
