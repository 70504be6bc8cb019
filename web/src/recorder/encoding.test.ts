/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EncoderEvents } from './encoder';
import { Encoding } from './encoding';
import { MediaTimeParser, type MediaTime } from './mediaTime';
import { FakeRecorder } from './testing';

const sine = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'];
const file = new Uint8Array(
  execFileSync('ffmpeg', ['-v', 'error', ...sine, '-c:a', 'libopus', '-f', 'webm', '-live', '1', '-'], { maxBuffer: 1 << 20 }),
);
const head = file.slice(0, 100);

const type = (mimeType: string, soundAlone = false) => ({ mimeType, soundAlone });
const types = [type('video/mp4'), type('video/webm'), type('video/mp4;codecs=avc1'), type('audio/webm', true)];
const audio = { kind: 'audio' } as MediaStreamTrack;
const stream = { getAudioTracks: () => [audio], getTracks: () => [] } as unknown as MediaStream;

let said: string[] = [];
let clock = 0;
const events: EncoderEvents = {
  onChoose: (t, mime, at) => said.push(`chose ${mime} from ${at}${t.soundAlone ? ', sound alone' : ''}`),
  onChunk: (blob) => said.push(`chunk of ${blob.size}`),
  onJoin: (atMs) => said.push(`join at ${atMs}`),
  onEnd: (end) => said.push(`end ${JSON.stringify(end)}`),
};
const options = { types, screen: false, clock: () => clock };
const recorders = () => FakeRecorder.all;
/** Until all bytes that were given are read: they come from Blobs. */
const handled = () => vi.waitFor(() => expect(said).not.toEqual([]));

beforeEach(() => {
  said = [];
  clock = 0;
  FakeRecorder.all = [];
  FakeRecorder.refused = null;
  vi.stubGlobal('MediaRecorder', FakeRecorder);
  vi.stubGlobal(
    'MediaStream',
    class {
      constructor(readonly tracks: unknown[]) {}
    },
  );
  return () => vi.unstubAllGlobals();
});

describe('what is known of it', () => {
  const states: string[] = [];
  function encoding(steady = true) {
    states.length = 0;
    const e = new Encoding(
      stream,
      { ...options, expected: { picture: true, sound: steady, hasSteadyPicture: steady } },
      { ...events, onSlow: () => {} },
    );
    e.encoder.start();
    return e;
  }
  function runClock(e: Encoding, to: number) {
    for (; clock <= to; clock += 200) {
      e.watch(clock);
      if (states.at(-1) !== e.state.name) states.push(e.state.name);
    }
  }

  it('nothing comes: each kind is tried for five seconds, then it has failed', async () => {
    const e = encoding();
    runClock(e, 25_000);
    expect(states).toEqual(['starting', 'trying', 'failed']);
    expect(recorders().map((r) => r.mimeType)).toEqual(types.map((t) => t.mimeType));
    await handled();
    expect(said).toEqual(['end {"error":"","isEmpty":true}']);
  });

  it('nothing comes of a screen on which nothing moves: that is no failure', () => {
    const e = encoding(false);
    runClock(e, 25_000);
    expect(states).toEqual(['starting']);
  });

  it('it comes to a standstill, and goes on', async () => {
    const e = encoding();
    const parser = new MediaTimeParser();
    const add = (bytes: Uint8Array) => e.addMedia({ time: parser.append(bytes), durableMs: 0 });
    recorders()[0]!.give(file);
    await handled();
    add(file.slice(0, file.length / 2));
    runClock(e, 8000);
    add(file.slice(file.length / 2));
    runClock(e, 9000);
    expect(states).toEqual(['running', 'stalled', 'running']);
  });

  it('seconds count, not bytes', () => {
    const e = encoding();
    expect(e.addMedia({ time: new MediaTimeParser().append(head), durableMs: 0 })).toEqual({ recordedMs: 0, durableMs: 0 });
    expect(e.addMedia({ time: new MediaTimeParser().append(file), durableMs: 900 })!.recordedMs).toBeGreaterThan(1900);
    expect(e.addMedia({ time: new MediaTimeParser().append(new Uint8Array(99)), durableMs: 0 })).toBeNull();
    expect(e.addMedia(null)).toBeNull();
  });
});

describe('a computer that cannot keep up', () => {
  const expected = { picture: true, sound: true, hasSteadyPicture: true };
  /** Three pictures a second. */
  const time = (s: number): MediaTime => ({
    isKnown: true,
    ms: s * 1000,
    audio: null,
    video: { from: 0, to: s * 1000, samples: s * 3 + 1 },
  });

  it('is another thing than a camera that is gone', () => {
    const limits: unknown[] = [];
    const e = new Encoding(stream, { ...options, expected }, { ...events, onSlow: (limit) => limits.push(limit) });
    for (let s = 0; s < 40; s++) e.addMedia({ time: time(s), durableMs: 0 }, false);
    expect([e.state.name, limits]).toEqual(['starting', []]);
  });

  it('is said, and the picture made simpler twice at most', () => {
    const limits: unknown[] = [];
    const e = new Encoding(stream, { ...options, expected }, { ...events, onSlow: (limit) => limits.push(limit) });
    for (let s = 0; s < 40; s++) e.addMedia({ time: time(s), durableMs: 0 });
    expect(e.state).toEqual({ name: 'slow', pictures: 3 });
    expect(limits).toEqual([
      { frameRate: 15, scale: 1 },
      { frameRate: 15, scale: 0.5 },
    ]);
  });
});
