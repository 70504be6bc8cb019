import { afterEach, describe, expect, it, vi } from 'vitest';
import { clipOf } from '../clip/testing';
import { planOf, playableOriginal, playsNatively, isSameSource, isAudioOnly, wantsSaveData, type Plan } from './source';

const media = (m: object) => ({ ...clipOf().media, ...m });

describe('planOf', () => {
  const master = '/m.m3u8';
  const video = '/v.mp4';
  it.each<[string, Parameters<typeof clipOf>[0], object, Plan]>([
    ['a short finished clip is one file', { media: media({ master, video }) }, {}, { kind: 'file', url: video }],
    ['a long one is HLS', { media: media({ master, video }), duration_ms: 3_600_000 }, {}, { kind: 'hls', url: master, live: false }],
    [
      'on a slow line a short one is HLS too',
      { media: media({ master, video }) },
      { saveData: true },
      { kind: 'hls', url: master, live: false },
    ],
    ['without the right to the file it is HLS', { media: media({ master }) }, {}, { kind: 'hls', url: master, live: false }],
    [
      'voice is its audio file',
      { kind: 'voice', width: null, media: media({ master, video, audio: '/a.m4a' }) },
      {},
      { kind: 'file', url: '/a.m4a' },
    ],
    [
      'a recording is live',
      { state: 'recording', duration_ms: null, media: media({ master }) },
      {},
      { kind: 'hls', url: master, live: true },
    ],
    ['one being finished is not', { state: 'processing', media: media({ master }) }, {}, { kind: 'hls', url: master, live: false }],
    ['nothing yet: wait', { state: 'recording', duration_ms: null }, {}, { kind: 'wait' }],
    ['the original plays while the rest is made', { state: 'processing' }, { original: '/o' }, { kind: 'file', url: '/o' }],
    ['failed', { state: 'failed' }, {}, { kind: 'failed' }],
    ['failed late: what was made plays', { state: 'failed', media: media({ master }) }, {}, { kind: 'hls', url: master, live: false }],
  ])('%s', (_, fields, means, want) => expect(planOf(clipOf(fields), means)).toEqual(want));
});

it('goes on in the same playlist when the recording ends, and nowhere else', () => {
  const hls = { kind: 'hls', url: '/m', live: true } as const;
  expect(isSameSource(hls, { ...hls, live: false })).toBe(true);
  expect(isSameSource(hls, { kind: 'file', url: '/m' })).toBe(false);
  expect(isSameSource(hls, { ...hls, url: '/n' })).toBe(false);
  expect(isSameSource({ kind: 'wait' }, { kind: 'wait' })).toBe(false);
});

it.each([
  [{ kind: 'voice' as const }, true],
  [{ width: null }, true],
  [{ width: null, state: 'processing' as const }, false],
  [{}, false],
])('sound only, %o: %s', (fields, want) => expect(isAudioOnly(clipOf(fields))).toBe(want));

describe('who plays HLS', () => {
  const el = (can: string) => ({ canPlayType: () => can }) as unknown as HTMLMediaElement;
  it.each([
    ['maybe', { ManagedMediaSource: 1, MediaSource: 1 }, true],
    ['maybe', { MediaSource: 1 }, false],
    ['maybe', {}, true],
    ['', { MediaSource: 1 }, false],
  ])('canPlayType "%s" with %o: natively %s', (can, scope, want) => expect(playsNatively(el(can), scope)).toBe(want));
});

describe('the original', () => {
  const el = { canPlayType: (t: string) => (t.startsWith('video/webm') ? 'maybe' : '') } as HTMLMediaElement;
  afterEach(() => vi.unstubAllGlobals());
  it.each([
    ['video/webm', 200, true],
    ['video/x-matroska', 200, false],
    ['application/octet-stream', 200, false],
    ['video/webm', 404, false],
  ])('%s with %s: %s', async (type, status, want) => {
    vi.stubGlobal('fetch', async () => new Response(null, { status, headers: { 'Content-Type': type } }));
    expect(await playableOriginal('/o', el, new AbortController().signal)).toBe(want);
  });
});

it.each([
  [{ saveData: true }, true],
  [{ effectiveType: '3g' }, true],
  [{ effectiveType: '4g' }, false],
  [undefined, false],
])('sparing with %o: %s', (connection, want) => expect(wantsSaveData({ connection } as unknown as Navigator)).toBe(want));
