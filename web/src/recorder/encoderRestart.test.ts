/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Encoder } from './encoder';
import type { EncoderControl } from './encoderEvents';
import { FakeRecorder } from './testing';

const sine = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'];
const file = new Uint8Array(
  execFileSync('ffmpeg', ['-v', 'error', ...sine, '-c:a', 'libopus', '-f', 'webm', '-live', '1', '-'], { maxBuffer: 1 << 20 }),
);
const head = file.slice(0, 100);
const rest = file.slice(100);

const type = (mimeType: string, soundAlone = false) => ({ mimeType, soundAlone });
const types = [type('video/mp4'), type('video/webm'), type('video/mp4;codecs=avc1'), type('audio/webm', true)];
const audio = { kind: 'audio' } as MediaStreamTrack;

let said: string[] = [];
let clock = 0;
const events: EncoderControl = {
  onChoose: (t, mime, at) => said.push(`chose ${mime} from ${at}${t.soundAlone ? ', sound alone' : ''}`),
  onChunk: (blob) => said.push(`chunk of ${blob.size}`),
  onJoin: (atMs) => said.push(`join at ${atMs}`),
  onEnd: (end) => said.push(`end ${JSON.stringify(end)}`),
  onFailure: () => false,
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

describe('one that fails while it is recorded', () => {
  let tries = 0;
  const live = { getAudioTracks: () => [audio], getTracks: () => [{ readyState: 'live' }] } as unknown as MediaStream;
  const alone = type('audio/mp4', true);

  async function recording(of = live, next?: typeof alone) {
    tries = 0;
    const encoder: Encoder = new Encoder(of, options, { ...events, onFailure: () => ++tries < 3 && encoder.restart(next) });
    encoder.start();
    recorders()[0]!.give(file);
    await handled();
    said = [];
    clock = 42_000;
    return encoder;
  }

  it('is followed by another one of its kind', async () => {
    await recording();
    recorders()[0]!.atStop = [rest];
    recorders()[0]!.fail('no hardware');
    recorders()[1]!.give(file);
    expect(said).toEqual([`chunk of ${rest.length}`, 'join at 42000', `chunk of ${file.length}`]);
    expect(recorders().map((r) => [r.mimeType, r.state])).toEqual([
      ['video/mp4', 'inactive'],
      ['video/mp4', 'recording'],
    ]);
  });

  it('is followed by another one, too, when its first media is in its last bytes', async () => {
    const encoder: Encoder = new Encoder(live, options, { ...events, onFailure: () => encoder.restart() });
    encoder.start();
    clock = 4000;
    recorders()[0]!.atStop = [file];
    recorders()[0]!.fail('no hardware');
    await vi.waitFor(() => expect(said).toContain('join at 4000'));
    recorders()[1]!.give(file);
    expect(said.slice(1)).toEqual([`chunk of ${file.length}`, 'join at 4000', `chunk of ${file.length}`]);
    expect(recorders()[1]!.state).toBe('recording');
  });

  it('has four seconds for its last bytes, and what the other one gives waits for them', async () => {
    await recording();
    vi.useFakeTimers();
    const [old] = recorders();
    old!.answersStop = false;
    old!.fail('no hardware');
    recorders()[1]!.give(head);
    old!.give(rest);
    expect(said).toEqual([`chunk of ${rest.length}`]);
    await vi.advanceTimersByTimeAsync(4000);
    vi.useRealTimers();
    old!.give(rest); // too late: it would stand in the middle of the other one's
    expect(said).toEqual([`chunk of ${rest.length}`, 'join at 42000', 'chunk of 100']);
  });

  it('gives nothing more when the recording is thrown away meanwhile', async () => {
    const encoder = await recording();
    recorders()[0]!.answersStop = false;
    recorders()[0]!.fail('no hardware');
    encoder.drop();
    for (const r of recorders()) r.give(rest);
    expect(said).toEqual([]);
  });

  it('may have stopped by itself, without an error', async () => {
    await recording();
    recorders()[0]!.stop();
    recorders()[1]!.give(file);
    expect(said).toEqual(['join at 42000', `chunk of ${file.length}`]);
  });

  it('has not failed when all it records from has ended', async () => {
    await recording({ ...live, getTracks: () => [{ readyState: 'ended' }] } as unknown as MediaStream);
    recorders()[0]!.stop();
    expect(said).toEqual(['end {"error":"","isEmpty":false}']);
    expect(tries).toBe(0);
  });

  it('has not failed when the recording is stopped', async () => {
    const encoder = await recording();
    encoder.stop();
    expect(said).toEqual(['end {"error":"","isEmpty":false}']);
    expect(tries).toBe(0);
  });

  it('ends the recording when nothing can go on, with what it said', async () => {
    await recording();
    for (const n of [0, 1]) recorders()[n]!.fail('no hardware');
    recorders()[2]!.fail('no hardware left');
    expect(said.at(-1)).toBe('end {"error":"no hardware left","isEmpty":false}');
    expect(recorders().map((r) => r.state)).toEqual(['inactive', 'inactive', 'inactive']);
  });

  it('ends the recording when the browser starts no other', async () => {
    await recording();
    FakeRecorder.refused = /./;
    recorders()[0]!.fail('no hardware');
    expect(said).toEqual(['end {"error":"no hardware","isEmpty":false}']);
  });

  it('cannot be followed in an Ogg file', async () => {
    FakeRecorder.refused = /mp4|webm/;
    options.types = [type('audio/ogg;codecs=opus')];
    await recording();
    recorders()[0]!.fail('no hardware');
    options.types = types;
    expect(said).toEqual(['end {"error":"no hardware","isEmpty":false}']);
  });

  it('is followed by sound alone where that is asked for, in the same kind of file', async () => {
    const encoder = await recording(live, alone);
    recorders()[0]!.fail('no hardware');
    expect(recorders()[1]!.stream).toEqual({ tracks: [audio] });
    expect(encoder.mimeType).toBe('video/mp4');
  });

  it('is followed by the one that was started beside it: what that has is not missing', async () => {
    const encoder = await recording();
    encoder.prepareRestart();
    encoder.prepareRestart();
    recorders()[1]!.give(head);
    clock = 45_000;
    recorders()[0]!.atStop = [rest];
    recorders()[0]!.fail('no hardware');
    recorders()[1]!.give(rest);
    expect(said).toEqual([`chunk of ${rest.length}`, 'join at 42000', 'chunk of 100', `chunk of ${rest.length}`]);
    expect(recorders().map((r) => r.state)).toEqual(['inactive', 'recording']);
  });

  it.each<[string, (encoder: Encoder) => void]>([
    ['the first one goes on', () => recorders()[0]!.give(rest)],
    ['it is paused', (encoder) => encoder.pause()],
    ['it is thrown away', (encoder) => encoder.drop()],
    ['sound alone is asked for', (encoder) => encoder.restart(alone)],
  ])('lets the one beside it go when %s', async (_, happens) => {
    const encoder = await recording();
    encoder.prepareRestart();
    happens(encoder);
    expect(recorders()[1]!.state).toBe('inactive');
    said = [];
    recorders()[1]!.give(rest);
    expect(said).toEqual([]);
  });

  it('hands over what the one beside it has when the recording is stopped meanwhile', async () => {
    const encoder = await recording();
    encoder.prepareRestart();
    recorders()[1]!.give(head);
    recorders()[1]!.atStop = [rest];
    clock = 44_000;
    encoder.stop();
    expect(said).toEqual(['join at 42000', 'chunk of 100', `chunk of ${rest.length}`, 'end {"error":"","isEmpty":false}']);
  });

  it('is followed by one that is paused, too', async () => {
    const encoder = await recording();
    encoder.pause();
    recorders()[0]!.fail('no hardware');
    expect(recorders()[1]!.state).toBe('paused');
    encoder.resume();
    expect(recorders()[1]!.state).toBe('recording');
  });
});
