// @vitest-environment happy-dom

import { beforeEach, expect, it, vi } from 'vitest';
import type { ToSpool } from './messages';
import { SpooledRecording } from './spooled.svelte';

/** As much of a recording as is kept. */
class Kept extends SpooledRecording {
  sendAgain() {}
  protected onMedia = () => null;
  protected onOutcome() {}
  begin = (mime: string) => this.openSpool('camera', mime);
  follow = (stream: MediaStream | null, startMs: number) => this.followSound(stream, startMs);
}

let posted: ToSpool[];
const frames = {};
const stream = { getAudioTracks: () => [{}] } as unknown as MediaStream;
const silent = { getAudioTracks: () => [] } as unknown as MediaStream;

beforeEach(() => {
  posted = [];
  vi.stubGlobal(
    'Worker',
    class {
      postMessage = (m: ToSpool) => posted.push(m);
    },
  );
  vi.stubGlobal('AudioEncoder', class {});
  vi.stubGlobal(
    'MediaStreamTrackProcessor',
    class {
      readable = frames;
    },
  );
  return () => vi.unstubAllGlobals();
});

function kept(mime: string) {
  const rec = new Kept({ userId: 'U', workspaceId: 'W', reply: null });
  rec.begin(mime);
  return rec;
}
const sounds = () => posted.flatMap((m) => (m.type === 'sound' ? [m.from && { frames: m.from.frames, startMs: m.from.startMs }] : []));

it('MP4 with a picture: its sound goes to the spool, from where the file is, but for pauses', () => {
  const rec = kept('video/mp4;codecs=avc3.42E01F,opus');
  rec.follow(stream, 1200);
  rec.follow(stream, 1400);
  rec.follow(null, 3000);
  rec.follow(null, 3000);
  rec.follow(stream, 3000);
  expect(sounds()).toEqual([{ frames, startMs: 1200 }, null, { frames, startMs: 3000 }]);
});

it('a recording that begins anew sends its own', () => {
  const rec = kept('video/mp4;codecs=avc3.42E01F,opus');
  rec.follow(stream, 1200);
  rec.begin('video/mp4;codecs=avc3.42E01F,opus');
  rec.follow(stream, 1000);
  expect(sounds()).toEqual([
    { frames, startMs: 1200 },
    { frames, startMs: 1000 },
  ]);
});

it.each([
  ['WebM', 'video/webm;codecs=vp8,opus', stream],
  ['no picture', 'audio/mp4;codecs=opus', stream],
  ['no sound', 'video/mp4;codecs=avc3.42E01F', silent],
])('%s: nothing is sent', (_, mime, from) => {
  kept(mime).follow(from, 1200);
  expect(sounds()).toEqual([]);
});

it('a browser without WebCodecs: nothing is sent', () => {
  vi.stubGlobal('AudioEncoder', undefined);
  kept('video/mp4;codecs=avc3.42E01F,opus').follow(stream, 1200);
  expect(sounds()).toEqual([]);
});
