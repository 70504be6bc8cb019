import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findCodecsType } from './codecsType';

let refused = /^$/;

/** A browser's encoder: knows all codecs but those that are refused. */
const encoder = () =>
  class {
    static isConfigSupported = ({ codec }: { codec: string }) => Promise.resolve({ supported: !refused.test(codec) });
  };

beforeEach(() => {
  refused = /^$/;
  for (const name of ['VideoEncoder', 'AudioEncoder', 'MediaStreamTrackProcessor']) vi.stubGlobal(name, encoder());
});
afterEach(() => vi.unstubAllGlobals());

const typeOf = async (sound: boolean) => (await findCodecsType(sound, false))?.mimeType ?? null;

it('takes the lighter codec that the browser encodes', async () => {
  expect(await typeOf(true)).toBe('video/webm;codecs=vp8,opus');
  refused = /vp8/;
  expect(await typeOf(true)).toBe('video/webm;codecs=vp9,opus');
  refused = /vp/;
  expect(await typeOf(true)).toBeNull();
});

it('needs no sound codec where there is no sound', async () => {
  refused = /opus/;
  expect([await typeOf(true), await typeOf(false)]).toEqual([null, 'video/webm;codecs=vp8']);
});

it.each(['VideoEncoder', 'AudioEncoder', 'MediaStreamTrackProcessor'])('is none without %s', async (name) => {
  vi.stubGlobal(name, undefined);
  expect(await typeOf(true)).toBeNull();
});

it('is none where the browser throws', async () => {
  class Throwing {
    static isConfigSupported = () => Promise.reject(new TypeError());
  }
  vi.stubGlobal('VideoEncoder', Throwing);
  expect(await typeOf(true)).toBeNull();
});
