import { unwrap, api, type Me, type Passkey } from './api/client';
import { Problem } from './api/problem';

type Descriptor = { type: string; id: string; transports?: string[] };
type Options = {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
};

/** Whether this page could use passkeys at all: browsers have them on secure pages only. */
export function passkeysSupported(): boolean {
  return window.isSecureContext && 'PublicKeyCredential' in window && 'credentials' in navigator;
}

/** base64url without padding, as WebAuthn's JSON forms have it (RFC 4648, section 5). */
export function toBase64url(bytes: ArrayBuffer): string {
  let text = '';
  for (const b of new Uint8Array(bytes)) text += String.fromCharCode(b);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function fromBase64url(text: string): ArrayBuffer {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer;
}

/** The server's options with bytes where the browser wants bytes. */
export function decodeOptions(options: Options): unknown {
  const listed = (list?: Descriptor[]) => list?.map((d) => ({ ...d, id: fromBase64url(d.id) }));
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    ...(options.user && { user: { ...options.user, id: fromBase64url(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: listed(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: listed(options.allowCredentials) }),
  };
}

/** What the browser answers, as JSON. Written out because toJSON() is missing in browsers of 2024, and broken by some password managers. */
export function encodeCredential(c: PublicKeyCredential): Record<string, never> {
  const r = c.response as Partial<AuthenticatorAttestationResponse & AuthenticatorAssertionResponse>;
  const bytes = (b?: ArrayBuffer | null) => (b ? toBase64url(b) : undefined);
  const response = {
    clientDataJSON: bytes(r.clientDataJSON),
    attestationObject: bytes(r.attestationObject),
    authenticatorData: bytes(r.attestationObject ? undefined : r.authenticatorData),
    signature: bytes(r.signature),
    userHandle: bytes(r.userHandle),
    transports: r.getTransports?.(),
  };
  return {
    id: c.id,
    rawId: toBase64url(c.rawId),
    type: c.type,
    authenticatorAttachment: c.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response,
  } as unknown as Record<string, never>;
}

/** What went wrong in the browser's own dialog, in a sentence; code "aborted" when there is nothing to say. */
export function passkeyProblem(e: unknown): unknown {
  if (!(e instanceof DOMException)) return e;
  switch (e.name) {
    case 'AbortError':
      return new Problem({ code: 'aborted', detail: '' });
    case 'NotAllowedError': // cancelled or timed out: browsers do not distinguish them
      return new Problem({ code: 'aborted', detail: 'The passkey was not used: it was cancelled, or took too long.' });
    case 'InvalidStateError':
      return new Problem({ code: 'conflict', detail: 'There is a passkey for your account on this device already.' });
    case 'SecurityError':
      return new Problem({ code: 'conflict', detail: 'Passkeys do not work at this address.' });
  }
  return new Problem({ code: 'internal', detail: 'The browser could not use a passkey.' });
}

/** Creates a passkey on this device for the signed-in person. */
export async function addPasskey(name: string): Promise<Passkey> {
  const { public_key } = await unwrap(api.POST('/passkeys/options'));
  let made: Credential | null;
  try {
    made = await navigator.credentials.create({
      publicKey: decodeOptions(public_key as unknown as Options) as PublicKeyCredentialCreationOptions,
    });
  } catch (e) {
    throw passkeyProblem(e);
  }
  return unwrap(api.POST('/passkeys', { body: { name, credential: encodeCredential(made as PublicKeyCredential) } }));
}

/** Signs in by a passkey: at once in the browser's dialog, or, conditional, when one is chosen among the suggestions of the address field. */
export async function signInByPasskey(signal: AbortSignal, mediation: 'optional' | 'conditional' = 'optional'): Promise<Me> {
  const { public_key } = await unwrap(api.POST('/session/passkey/options', { signal }));
  let got: Credential | null;
  try {
    got = await navigator.credentials.get({
      publicKey: decodeOptions(public_key as unknown as Options) as PublicKeyCredentialRequestOptions,
      mediation,
      signal,
    });
  } catch (e) {
    throw passkeyProblem(e);
  }
  return unwrap(api.POST('/session/passkey', { body: { credential: encodeCredential(got as PublicKeyCredential) } }));
}

/** Whether the browser offers passkeys among the suggestions of a field. */
export async function supportsAutofill(): Promise<boolean> {
  return passkeysSupported() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}
