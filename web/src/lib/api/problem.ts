/**
 * What went wrong, as the server says it (RFC 9457) or as the page must say it when there was no answer.
 * `detail` is one sentence that may be shown; `fields` says what is wrong with which request field.
 */
export class Problem extends Error {
  readonly code: string;
  readonly detail: string;
  readonly fields: Record<string, string>;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly requestId: string;
  /** Seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | null;

  constructor(of: {
    code: string;
    detail: string;
    fields?: Record<string, string>;
    status?: number;
    requestId?: string;
    retryAfter?: number | null;
    cause?: unknown;
  }) {
    super(of.detail, { cause: of.cause });
    this.name = 'Problem';
    this.code = of.code;
    this.detail = of.detail;
    this.fields = of.fields ?? {};
    this.status = of.status ?? 0;
    this.requestId = of.requestId ?? '';
    this.retryAfter = of.retryAfter ?? null;
  }

  /** From an answer's body, which behind a broken proxy may be anything. */
  static of(body: unknown, response: Response): Problem {
    const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    if (response.status === 413 && !said.code) return new Problem({ code: 'too_large', detail: proxyLimitDetail, status: 413 });
    const wait = Number(response.headers.get('Retry-After') ?? NaN);
    return new Problem({
      code: typeof said.code === 'string' ? said.code : 'internal',
      detail: typeof said.detail === 'string' && said.detail ? said.detail : `The server answered ${response.status} without a reason.`,
      fields: typeof said.fields === 'object' && said.fields !== null ? (said.fields as Record<string, string>) : {},
      status: response.status,
      requestId: typeof said.request_id === 'string' ? said.request_id : '',
      retryAfter: Number.isFinite(wait) ? wait : null,
    });
  }
}

/** A 413 that is not the server's own comes from a proxy in front of it. */
const proxyLimitDetail =
  'The proxy in front of the server does not let through a request of this size. Its limit can be raised (nginx: client_max_body_size).';

/** Any thrown thing as a Problem: fetch throws a TypeError when the server cannot be reached. */
export function toProblem(e: unknown): Problem {
  if (e instanceof Problem) return e;
  if (e instanceof DOMException && e.name === 'AbortError') return new Problem({ code: 'aborted', detail: 'Stopped.', cause: e });
  if (e instanceof TypeError) {
    return new Problem({ code: 'unreachable', detail: 'The server cannot be reached. Check the connection and try again.', cause: e });
  }
  return new Problem({ code: 'internal', detail: 'Something went wrong on this page. Reload it and try again.', cause: e });
}
