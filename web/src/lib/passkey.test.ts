import { expect, test } from 'vitest';
import { fromBase64url, decodeOptions, toBase64url, passkeyProblem } from './passkey';

test.each([[[]], [[0]], [[251, 255]], [[1, 2, 3, 4, 250]]])('bytes %j survive', (list) => {
  const text = toBase64url(Uint8Array.from(list).buffer);
  expect(text).not.toMatch(/[+/=]/);
  expect([...new Uint8Array(fromBase64url(text))]).toEqual(list);
});

test('options get bytes where the browser wants them, and keep the rest', () => {
  const got = decodeOptions({
    challenge: 'AQI',
    user: { id: 'Aw', name: 'a', displayName: 'A' },
    excludeCredentials: [{ type: 'public-key', id: 'BA' }],
    rp: { id: 'localhost' },
  } as never) as never as {
    challenge: ArrayBuffer;
    user: { id: ArrayBuffer; name: string };
    excludeCredentials: { id: ArrayBuffer }[];
    rp: { id: string };
  };
  expect([...new Uint8Array(got.challenge)]).toEqual([1, 2]);
  expect([...new Uint8Array(got.user.id)]).toEqual([3]);
  expect([...new Uint8Array(got.excludeCredentials[0]!.id)]).toEqual([4]);
  expect([got.user.name, got.rp.id]).toEqual(['a', 'localhost']);
});

test.each([
  ['NotAllowedError', 'aborted', /cancelled/],
  ['InvalidStateError', 'conflict', /already/],
  ['SecurityError', 'conflict', /address/],
  ['OddError', 'internal', /could not/],
])('%s is said', (name, code, text) => {
  expect(passkeyProblem(new DOMException('x', name))).toMatchObject({ code, detail: expect.stringMatching(text) });
});

test('what is no trouble of the browser stays as it is', () => {
  const e = new TypeError('Failed to fetch');
  expect(passkeyProblem(e)).toBe(e);
});
