import createClient, { type Middleware } from 'openapi-fetch';
import { boot } from '../boot';
import { learnServerTime } from '../serverClock';
import { Problem, toProblem } from './problem';
import { repeatOnce } from './repeat';
import type { components, paths } from './schema';

export { Problem, toProblem } from './problem';

type Schemas = components['schemas'];
export type AuditEntry = Schemas['AuditEntry'];
export type Author = Schemas['Author'];
export type Channel = Schemas['Channel'];
export type Clip = Schemas['Clip'];
export type ClipKind = Schemas['ClipKind'];
export type ClipState = Schemas['ClipState'];
export type Comment = Schemas['Comment'];
export type Engine = Schemas['Engine'];
export type Event = Schemas['Event'];
export type Glossary = Schemas['Glossary'];
export type GlossaryEntry = Schemas['GlossaryEntry'];
export type Health = Schemas['Health'];
export type Identity = Schemas['Identity'];
export type Invite = Schemas['Invite'];
export type Link = Schemas['Link'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type Model = Schemas['Model'];
export type Moment = Schemas['Moment'];
export type NewInvite = Schemas['NewInvite'];
export type ResetLink = Schemas['ResetLink'];
export type NewLink = Schemas['NewLink'];
export type NewToken = Schemas['NewToken'];
export type Notification = Schemas['Notification'];
export type Passkey = Schemas['Passkey'];
export type SavedSearch = Schemas['SavedSearch'];
export type SearchIndex = Schemas['SearchIndex'];
export type SearchItem = Schemas['SearchItem'];
export type Segment = Schemas['Segment'];
export type Session = Schemas['Session'];
export type ShortClip = Schemas['ShortClip'];
export type Token = Schemas['Token'];
export type Transcript = Schemas['Transcript'];
export type ViewerPage = Schemas['ViewerPage'];
export type Word = Schemas['Word'];

/** A URL of this server with the token of the share link that the page was opened by, if any. */
export function withShareToken(url: string): string {
  const token = boot.share?.token;
  if (!token) return url;
  return `${url}${url.includes('?') ? '&' : '?'}share=${encodeURIComponent(token)}`;
}

/**
 * The body of a request, null where there is none. The method decides: Firefox has no Request.body, and no browser builds
 * a GET with a body. Read whole, because a body handed on as a stream is sent as one, which browsers do over HTTP/2 only.
 */
async function readBody(request: Request): Promise<ArrayBuffer | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > 0 ? bytes : null;
}

const share: Middleware = {
  async onRequest({ request }) {
    if (!boot.share?.token) return undefined;
    const { method, headers, signal, keepalive } = request;
    return new Request(withShareToken(request.url), { method, headers, signal, keepalive, body: await readBody(request) });
  },
};

/** Sends a request; its answer tells the server's time. */
async function fetchTimed(request: Request): Promise<Response> {
  const response = await globalThis.fetch(request);
  learnServerTime(response);
  return response;
}

/** The typed client. Calls resolve to `{data, error}`; unwrap turns an error into a thrown Problem. */
export const api = createClient<paths>({ baseUrl: '/api/v1', fetch: fetchTimed });
api.use(repeatOnce(), share);

/** Awaits a call of `api` and gives its data. Throws Problem for refusals and for a network that is gone. */
export async function unwrap<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let result: { data?: T; error?: unknown; response: Response };
  try {
    result = await call;
  } catch (e) {
    throw toProblem(e);
  }
  if (!result.response.ok) throw Problem.of(result.error, result.response);
  return result.data as T;
}
