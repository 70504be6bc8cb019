// @vitest-environment happy-dom

import { describe, expect, it, vi } from 'vitest';
import { Encoder } from './encoder';
import type { EncoderControl } from './encoderEvents';
import { encodeSine, encoderType, FakeRecorder, useEncoderFixture } from './testing';

const file = encodeSine();
const head = file.slice(0, 100);
const rest = file.slice(100);

const { audio, fixture, events: encoderEvents, handled, options, recorders } = useEncoderFixture();
const { types } = options;
const events: EncoderControl = { ...encoderEvents, onFailure: () => false };

describe('one that fails while it is recorded', () => {
  let tries = 0;
  const live = { getAudioTracks: () => [audio], getTracks: () => [{ readyState: 'live' }] } as unknown as MediaStream;
  const alone = encoderType('audio/mp4', true);

  async function recording(of = live, next?: typeof alone) {
    tries = 0;
    const encoder: Encoder = new Encoder(of, options, { ...events, onFailure: () => ++tries < 3 && encoder.restart(next) });
    encoder.start();
    recorders()[0]!.give(file);
    await handled();
    fixture.said = [];
    fixture.clock = 42_000;
    return encoder;
  }

  it('is followed by another one of its kind', async () => {
    await recording();
    recorders()[0]!.atStop = [rest];
    recorders()[0]!.fail('no hardware');
    recorders()[1]!.give(file);
    expect(fixture.said).toEqual([`chunk of ${rest.length}`, 'join at 42000', `chunk of ${file.length}`]);
    expect(recorders().map((r) => [r.mimeType, r.state])).toEqual([
      ['video/mp4', 'inactive'],
      ['video/mp4', 'recording'],
    ]);
  });

  it('is followed by another one, too, when its first media is in its last bytes', async () => {
    const encoder: Encoder = new Encoder(live, options, { ...events, onFailure: () => encoder.restart() });
    encoder.start();
    fixture.clock = 4000;
    recorders()[0]!.atStop = [file];
    recorders()[0]!.fail('no hardware');
    await vi.waitFor(() => expect(fixture.said).toContain('join at 4000'));
    recorders()[1]!.give(file);
    expect(fixture.said.slice(1)).toEqual([`chunk of ${file.length}`, 'join at 4000', `chunk of ${file.length}`]);
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
    expect(fixture.said).toEqual([`chunk of ${rest.length}`]);
    await vi.advanceTimersByTimeAsync(4000);
    vi.useRealTimers();
    old!.give(rest); // too late: it would stand in the middle of the other one's
    expect(fixture.said).toEqual([`chunk of ${rest.length}`, 'join at 42000', 'chunk of 100']);
  });

  it('gives nothing more when the recording is thrown away meanwhile', async () => {
    const encoder = await recording();
    recorders()[0]!.answersStop = false;
    recorders()[0]!.fail('no hardware');
    encoder.drop();
    for (const r of recorders()) r.give(rest);
    expect(fixture.said).toEqual([]);
  });

  it('may have stopped by itself, without an error', async () => {
    await recording();
    recorders()[0]!.stop();
    recorders()[1]!.give(file);
    expect(fixture.said).toEqual(['join at 42000', `chunk of ${file.length}`]);
  });

  it('has not failed when all it records from has ended', async () => {
    await recording({ ...live, getTracks: () => [{ readyState: 'ended' }] } as unknown as MediaStream);
    recorders()[0]!.stop();
    expect(fixture.said).toEqual(['end {"error":"","isEmpty":false}']);
    expect(tries).toBe(0);
  });

  it('has not failed when the recording is stopped', async () => {
    const encoder = await recording();
    encoder.stop();
    expect(fixture.said).toEqual(['end {"error":"","isEmpty":false}']);
    expect(tries).toBe(0);
  });

  it('ends the recording when nothing can go on, with what it said', async () => {
    await recording();
    for (const n of [0, 1]) recorders()[n]!.fail('no hardware');
    recorders()[2]!.fail('no hardware left');
    expect(fixture.said.at(-1)).toBe('end {"error":"no hardware left","isEmpty":false}');
    expect(recorders().map((r) => r.state)).toEqual(['inactive', 'inactive', 'inactive']);
  });

  it('ends the recording when the browser starts no other', async () => {
    await recording();
    FakeRecorder.refused = /./;
    recorders()[0]!.fail('no hardware');
    expect(fixture.said).toEqual(['end {"error":"no hardware","isEmpty":false}']);
  });

  it('cannot be followed in an Ogg file', async () => {
    FakeRecorder.refused = /mp4|webm/;
    options.types = [encoderType('audio/ogg;codecs=opus')];
    await recording();
    recorders()[0]!.fail('no hardware');
    options.types = types;
    expect(fixture.said).toEqual(['end {"error":"no hardware","isEmpty":false}']);
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
    fixture.clock = 45_000;
    recorders()[0]!.atStop = [rest];
    recorders()[0]!.fail('no hardware');
    recorders()[1]!.give(rest);
    expect(fixture.said).toEqual([`chunk of ${rest.length}`, 'join at 42000', 'chunk of 100', `chunk of ${rest.length}`]);
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
    fixture.said = [];
    recorders()[1]!.give(rest);
    expect(fixture.said).toEqual([]);
  });

  it('hands over what the one beside it has when the recording is stopped meanwhile', async () => {
    const encoder = await recording();
    encoder.prepareRestart();
    recorders()[1]!.give(head);
    recorders()[1]!.atStop = [rest];
    fixture.clock = 44_000;
    encoder.stop();
    expect(fixture.said).toEqual(['join at 42000', 'chunk of 100', `chunk of ${rest.length}`, 'end {"error":"","isEmpty":false}']);
  });

  it('is forgotten when the recording is stopped later: the end has no error', async () => {
    const encoder = await recording();
    recorders()[0]!.fail('no hardware');
    encoder.stop();
    expect(fixture.said.at(-1)).toBe('end {"error":"","isEmpty":false}');
  });

  it('has none beside it that holds more than 32 MiB', async () => {
    const encoder = await recording();
    encoder.prepareRestart();
    for (const mebibytes of [32, 1]) {
      expect(recorders()[1]!.state).toBe('recording');
      recorders()[1]!.give(new Uint8Array(mebibytes << 20));
    }
    expect(recorders()[1]!.state).toBe('inactive');
  });

  it('has none beside it in a pause', async () => {
    const encoder = await recording();
    encoder.pause();
    encoder.prepareRestart();
    expect(recorders()).toHaveLength(1);
  });

  it('goes on where the browser starts no other beside it', async () => {
    const encoder = await recording();
    FakeRecorder.refused = /./;
    encoder.prepareRestart();
    recorders()[0]!.give(rest);
    expect(fixture.said).toEqual([`chunk of ${rest.length}`]);
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
