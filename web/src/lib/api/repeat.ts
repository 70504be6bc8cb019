import type { Middleware } from 'openapi-fetch';
import { randomText } from '../random';

const header = 'Idempotency-Key';
/** Paths of calls that create something, or go on with it. */
export const creating = /\/(accept|channels|clips|comments|continue|guest|invites|links|passkeys|saved-searches|setup|tokens|workspaces)$/;

/**
 * Gives each call that creates something an Idempotency-Key. The same call gets the same key until it is answered, so
 * that a click repeated after a lost answer makes nothing twice.
 */
export function repeatOnce(): Middleware {
  const unanswered = new Map<string, string>(); // URL and body → key
  return {
    async onRequest({ request }) {
      if (request.method !== 'POST' || request.headers.has(header) || !creating.test(new URL(request.url).pathname)) return undefined;
      const call = `${request.url} ${await request.clone().text()}`;
      const key = unanswered.get(call) ?? randomText();
      unanswered.set(call, key);
      request.headers.set(header, key);
      return request;
    },
    onResponse({ request, response }) {
      const key = request.headers.get(header);
      if (response.status >= 500 || !key) return undefined; // a proxy's 502 says nothing of what was made
      for (const [call, its] of unanswered) if (its === key) unanswered.delete(call);
      return undefined;
    },
  };
}
