// @vitest-environment happy-dom

import { describe, expect, it } from 'vitest';
import { Encoding } from './encoding';
import { MediaTimeParser, type MediaTime } from './mediaTime';
import type { MediaGap } from './messages';
import { encodeSine, encoderType, FakeRecorder, useEncoderFixture } from './testing';

const file = encodeSine();
const head = file.slice(0, 100);

const { fixture, events, handled, options, recorders, stream } = useEncoderFixture();
const { types } = options;

describe('what is known of it', () => {
  const states: string[] = [];
  function encoding(steady = true, kinds = types) {
    states.length = 0;
    const e = new Encoding(
      stream,
      { ...options, types: kinds, expected: { picture: true, sound: steady, hasSteadyPicture: steady } },
      { ...events, onSlow: () => {} },
    );
    e.encoder.start();
    return e;
  }
  function runClock(e: Encoding, to: number) {
    for (; fixture.clock <= to; fixture.clock += 200) {
      e.watch(fixture.clock);
      if (states.at(-1) !== e.state.name) states.push(e.state.name);
    }
  }

  it('nothing comes: each kind is tried for five seconds, then it has failed', async () => {
    const e = encoding();
    runClock(e, 25_000);
    expect(states).toEqual(['starting', 'trying', 'failed']);
    expect(recorders().map((r) => r.mimeType)).toEqual(types.map((t) => t.mimeType));
    await handled();
    expect(fixture.said).toEqual(['end {"error":"","isEmpty":true}']);
  });

  it('nothing comes of a screen on which nothing moves: that is no failure', () => {
    const e = encoding(false);
    runClock(e, 25_000);
    expect(states).toEqual(['starting']);
  });

  it('it comes to a standstill, and goes on, where no other can take its place', async () => {
    FakeRecorder.refused = /mp4|webm/;
    const e = encoding(true, [encoderType('audio/ogg;codecs=opus')]);
    const parser = new MediaTimeParser();
    const add = (bytes: Uint8Array) => e.addMedia({ time: parser.append(bytes), durableMs: 0, gap: null });
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
    expect(e.addMedia({ time: new MediaTimeParser().append(head), durableMs: 0, gap: null })).toEqual({
      recordedMs: 0,
      durableMs: 0,
    });
    expect(e.addMedia({ time: new MediaTimeParser().append(file), durableMs: 900, gap: null })!.recordedMs).toBeGreaterThan(1900);
    expect(e.addMedia({ time: new MediaTimeParser().append(new Uint8Array(99)), durableMs: 0, gap: null })).toBeNull();
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

  async function running(limits: unknown[]) {
    const e = new Encoding(stream, { ...options, expected }, { ...events, onSlow: (limit) => limits.push(limit) });
    e.encoder.start();
    recorders()[0]!.give(file);
    await handled();
    return e;
  }

  it('is another thing than a camera that is gone', async () => {
    const limits: unknown[] = [];
    const e = await running(limits);
    for (let s = 0; s < 40; s++) e.addMedia({ time: time(s), durableMs: 0, gap: null }, false);
    expect([e.state.name, limits]).toEqual(['running', []]);
  });

  it('is said, and the picture made simpler twice at most', async () => {
    const limits: unknown[] = [];
    const e = await running(limits);
    for (let s = 0; s < 40; s++) e.addMedia({ time: time(s), durableMs: 0, gap: null });
    expect(e.state).toMatchObject({ name: 'slow', pictures: 3 });
    expect(limits).toEqual([
      { frameRate: 15, scale: 1 },
      { frameRate: 15, scale: 0.5 },
    ]);
  });
});

describe('one that fails while it is recorded', () => {
  const live = {
    ...stream,
    getTracks: () => [{ readyState: 'live', kind: 'audio', label: '', getSettings: () => ({}) }],
  } as unknown as MediaStream;
  const upTo = (s: number): MediaTime => ({ isKnown: true, ms: s * 1000, audio: { from: 0, to: s * 1000, samples: s }, video: null });
  const gap = (number: number, atS: number, missedMs: number) => ({ number, atMs: atS * 1000, missedMs });
  const media = (e: Encoding, s: number, last: MediaGap | null = null) => e.addMedia({ time: upTo(s), durableMs: 0, gap: last });

  async function running() {
    const e = new Encoding(
      live,
      {
        ...options,
        types: [encoderType('video/mp4;codecs=avc3.42E01F,mp4a.40.2')],
        expected: { picture: true, sound: true, hasSteadyPicture: true },
      },
      { ...events, onSlow: () => {} },
    );
    e.encoder.start();
    recorders()[0]!.give(file);
    await handled();
    media(e, 40);
    fixture.clock = 40_500;
    return e;
  }
  const runClock = (e: Encoding, to: number) => {
    for (; fixture.clock <= to; fixture.clock += 200) e.watch(fixture.clock);
  };

  it('is started again, and what is missing is known', async () => {
    const e = await running();
    recorders()[0]!.fail('no hardware');
    expect(e.state).toMatchObject({ name: 'restarting', atMs: 40_000 });
    media(e, 40.3); // its last bytes
    expect(e.state).toMatchObject({ name: 'restarting', atMs: 40_300 });
    media(e, 41, gap(1, 40.3, 200));
    expect(e.restartsInClip(0)).toEqual([{ atMs: 40_300, missedMs: 200, soundAlone: false }]);
    expect(e.restartsInClip(7000)).toEqual([{ atMs: 47_300, missedMs: 200, soundAlone: false }]);
    expect(e.stateInClip(7000)).toBe(e.stateInClip(7000));
    expect(e.state.name).toBe('running');
    expect(e.endReason('')).toBeNull();
  });

  it('ends where its file ends, and so does the gap: its first sound may be late', async () => {
    const e = await running();
    const late: MediaTime = { isKnown: true, ms: 39_700, audio: { from: 400, to: 40_100, samples: 40 }, video: null };
    e.addMedia({ time: late, durableMs: 0, gap: null });
    recorders()[0]!.fail('no hardware');
    expect(e.state).toMatchObject({ name: 'restarting', atMs: 40_100 });
    expect(e.endedAt(fixture.clock)).toBe(40_100);
    e.addMedia({ time: late, durableMs: 0, gap: null });
    expect(e.state).toMatchObject({ name: 'restarting', atMs: 40_100 });
  });

  it('that stands still is started again after five seconds, as sound alone the third time; then the recording ends', async () => {
    const e = await running();
    runClock(e, 70_000);
    expect(recorders().map((r) => r.mimeType.split(',').at(-1))).toEqual([
      ...['mp4a.40.2', 'mp4a.40.2', 'mp4a.40.2'],
      'audio/mp4;codecs=mp4a.40.2',
    ]);
    expect(e.state).toEqual({ name: 'failed' });
    expect(fixture.said.at(-1)).toBe('end {"error":"","isEmpty":false}');
    expect(e.endReason('')).toBe('stalled');
    expect(e.endedAt(fixture.clock)).toBe(40_000);
  });

  it('has another one beside it before it is certain that it stands still', async () => {
    const e = await running();
    recorders()[0]!.give(file);
    runClock(e, 42_600);
    expect(recorders()).toHaveLength(1);
    runClock(e, 42_900); // a key frame's interval and 1.25 s without a byte
    expect(recorders().map((r) => r.state)).toEqual(['recording', 'recording']);
  });

  it('is not one whose bytes come and are only read late', async () => {
    const e = await running();
    for (; fixture.clock <= 70_000; fixture.clock += 200) {
      if (fixture.clock % 1000 === 500) recorders()[0]!.give(file);
      e.watch(fixture.clock);
    }
    expect(recorders()).toHaveLength(1);
    expect(e.state).toMatchObject({ name: 'stalled', atMs: 40_000 });
    media(e, 70);
    expect(e.state.name).toBe('running');
  });

  it('is started again three times within a minute at most, and any time later', async () => {
    const e = await running();
    for (const n of [0, 1, 2]) recorders()[n]!.fail('no hardware');
    media(e, 42, gap(1, 40, 500));
    fixture.clock = 101_000;
    recorders()[3]!.fail('no hardware');
    media(e, 102, gap(2, 101, 0));
    expect(fixture.said.filter((s) => s.startsWith('end'))).toEqual([]);
    for (const n of [4, 5]) recorders()[n]!.fail('no hardware');
    recorders()[6]!.fail('no hardware left');
    expect(fixture.said.at(-1)).toBe('end {"error":"no hardware left","isEmpty":false}');
    expect(e.endReason('no hardware left')).toBe('encoder');
  });
});
