// @vitest-environment happy-dom

import { afterEach, expect, test, vi } from 'vitest';
import { boot } from '../boot';
import { unwrap, api, Problem, toProblem, withShareToken } from './client';

function serve(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetch = vi.fn<(r: Request) => Promise<Response>>(
    async () =>
      new Response(typeof body === 'string' ? body : JSON.stringify(body), {
        status,
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
  );
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

afterEach(() => {
  vi.unstubAllGlobals();
  boot.share = null;
});

test('gives the data', async () => {
  serve(200, { needed: true, token_required: false });
  expect(await unwrap(api.GET('/setup'))).toEqual({ needed: true, token_required: false });
});

function openedByLink(): void {
  boot.share = {
    token: 'abc',
    locked: false,
    access: 'anyone',
    allow_comments: false,
    allow_download: false,
    start_ms: null,
    end_ms: null,
    snippet: false,
    guest: null,
  };
}

test('a visitor by a link sends its token with every call', async () => {
  openedByLink();
  const fetch = serve(200, {});
  await api.GET('/clips/{id}/comments', { params: { path: { id: 'C1' }, query: { limit: 5 } } });
  const url = new URL(fetch.mock.calls[0]![0].url);
  expect(url.pathname).toBe('/api/v1/clips/C1/comments');
  expect(Object.fromEntries(url.searchParams)).toEqual({ limit: '5', share: 'abc' });
});

/** A request as Firefox makes it: what it sends can be read, but it has no `body`. */
class RequestWithoutBody extends Request {
  #sent: BodyInit | null;
  constructor(...[input, init]: ConstructorParameters<typeof Request>) {
    super(input, init);
    if (this.method === 'GET' && init?.body != null) throw new TypeError('HEAD or GET Request cannot have a body.');
    this.#sent = init?.body ?? null;
  }
  override get body() {
    return undefined as never;
  }
  override arrayBuffer() {
    return new Response(this.#sent).arrayBuffer();
  }
}

test('a visitor by a link reads and writes in a browser without Request.body, as Firefox is', async () => {
  openedByLink();
  vi.stubGlobal('Request', RequestWithoutBody);
  const fetch = serve(200, {});
  const params = { path: { id: 'C1' } };
  const options = { params, Request: RequestWithoutBody };

  await unwrap(api.GET('/clips/{id}/comments', options));
  await unwrap(api.POST('/clips/{id}/comments', { ...options, body: { body: 'From Firefox.' } }));
  await unwrap(api.DELETE('/comments/{id}', options));

  const [read, written, removed] = fetch.mock.calls.map(([request]) => request);
  expect(read!.url).toContain('share=abc');
  expect(JSON.parse(new TextDecoder().decode(await written!.arrayBuffer()))).toEqual({ body: 'From Firefox.' });
  expect((await removed!.arrayBuffer()).byteLength).toBe(0);
});

test('without a link nothing is added', () => {
  expect(withShareToken('/x')).toBe('/x');
});

test('a refusal is a Problem with its fields', async () => {
  serve(400, {
    code: 'invalid',
    detail: 'Some fields are not right.',
    fields: { email: 'This is not an email address.' },
    request_id: 'R1',
  });
  const p = await unwrap(api.GET('/me')).catch((e) => e);
  expect(p).toBeInstanceOf(Problem);
  expect(p).toMatchObject({ code: 'invalid', status: 400, fields: { email: 'This is not an email address.' }, requestId: 'R1' });
});

test('the wait the server asks for', async () => {
  serve(429, { code: 'rate_limited', detail: 'Too many tries.' }, { 'Retry-After': '30' });
  expect(await unwrap(api.GET('/me')).catch((e) => e)).toMatchObject({ code: 'rate_limited', retryAfter: 30 });
});

test('a page of a broken proxy is a Problem too', async () => {
  serve(502, '<h1>Bad Gateway</h1>', { 'Content-Type': 'text/html' });
  expect(await unwrap(api.GET('/me')).catch((e) => e)).toMatchObject({
    code: 'internal',
    status: 502,
    detail: expect.stringContaining('502'),
  });
});

test('what a proxy does not let through names its setting', async () => {
  serve(413, '<h1>413 Request Entity Too Large</h1>', { 'Content-Type': 'text/html' });
  expect(await unwrap(api.GET('/me')).catch((e) => e)).toMatchObject({
    code: 'too_large',
    status: 413,
    detail: expect.stringContaining('client_max_body_size'),
  });
});

test('no server at all', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')));
  expect(await unwrap(api.GET('/me')).catch((e) => e)).toMatchObject({ code: 'unreachable', status: 0 });
});

test.each([
  [new TypeError('Failed to fetch'), 'unreachable'],
  [new DOMException('', 'AbortError'), 'aborted'],
  [new Error('bug'), 'internal'],
  ['text', 'internal'],
])('problem(%s) is %s', (e, code) => expect(toProblem(e).code).toBe(code));

test('problem leaves a Problem alone', () => {
  const p = new Problem({ code: 'gone', detail: 'Gone.' });
  expect(toProblem(p)).toBe(p);
});
