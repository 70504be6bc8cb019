// @vitest-environment happy-dom

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Encoder } from './encoder';
import type { EncoderControl } from './encoderEvents';
import { LONGEST_STOP_MS } from './stopDeadline';
import { encodeSine, encoderType, FakeRecorder, useEncoderFixture } from './testing';

const file = encodeSine();
const head = file.slice(0, 100);
const rest = file.slice(100);

const { audio, fixture, events: encoderEvents, handled, options, recorders, stream } = useEncoderFixture();
const { types } = options;
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {})); // encoders that fail are logged

const events: EncoderControl = { ...encoderEvents, onFailure: () => false };
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

function started() {
  const encoder = new Encoder(stream, options, events);
  encoder.start();
  return encoder;
}

it('hands out what it has several times a second: a page that is left loses the rest', () => {
  const encoder = started();
  encoder.tryNext();
  expect(recorders().map((r) => [r.mimeType, r.timeslice])).toEqual([
    ['video/mp4', 250],
    ['video/webm', 250],
  ]);
});

describe('the kind of file', () => {
  it('is chosen when media comes, not at the head of the file', async () => {
    started();
    recorders()[0]!.give(head);
    await settle();
    expect(fixture.said).toEqual([]);
    recorders()[0]!.give(rest);
    await handled();
    expect(fixture.said).toEqual(['chose video/mp4 from 0', 'chunk of 100', `chunk of ${rest.length}`]);
  });

  it('is the next one where the browser does not start the first', () => {
    FakeRecorder.refused = /mp4/;
    expect(started().mimeType).toBe('video/webm');
  });

  it('is none where the browser starts none', () => {
    FakeRecorder.refused = /./;
    expect(() => started()).toThrow('');
  });

  it('is tried beside the first, whose bytes are not mixed into it', async () => {
    const encoder = started();
    recorders()[0]!.give(head);
    fixture.clock = 5000;
    expect(encoder.tryNext()).toEqual(types[1]);
    recorders()[1]!.give(file);
    await handled();
    expect(fixture.said).toEqual(['chose video/webm from 5000', `chunk of ${file.length}`]);
    expect(recorders()[0]!.state).toBe('inactive');
    expect(encoder.mimeType).toBe('video/webm');
  });

  it('stays the first when that is merely late', async () => {
    const encoder = started();
    encoder.tryNext();
    recorders()[0]!.give(file);
    await handled();
    expect(fixture.said[0]).toBe('chose video/mp4 from 0');
    expect(recorders()[1]!.state).toBe('inactive');
    expect(encoder.tryNext()).toBeNull();
  });

  it('is sound alone at last, with two encoders at work at most', async () => {
    const encoder = started();
    while (encoder.tryNext());
    expect(recorders().map((r) => [r.mimeType, r.state])).toEqual([
      ['video/mp4', 'recording'],
      ['video/webm', 'inactive'],
      ['video/mp4;codecs=avc1', 'inactive'],
      ['audio/webm', 'recording'],
    ]);
    expect(recorders()[3]!.stream).toEqual({ tracks: [audio] });
    recorders()[3]!.give(file);
    await handled();
    expect(fixture.said[0]).toBe('chose audio/webm from 0, sound alone');
  });

  it('is one that was found later before it is sound alone', () => {
    const encoder = new Encoder(stream, { ...options, types: [...types] }, events);
    encoder.start();
    encoder.offerType(encoderType('video/found'));
    while (encoder.tryNext());
    expect(recorders().map((r) => r.mimeType)).toEqual(['video/mp4', 'video/webm', 'video/mp4;codecs=avc1', 'video/found', 'audio/webm']);
  });

  it('is none that was found after sound alone was tried', () => {
    const encoder = new Encoder(stream, { ...options, types: [...types] }, events);
    encoder.start();
    while (encoder.tryNext());
    encoder.offerType(encoderType('video/found'));
    expect(encoder.tryNext()).toBeNull();
  });

  it('is the next one when the first reports an error', async () => {
    started();
    recorders()[0]!.fail('no hardware');
    await vi.waitFor(() => expect(recorders()).toHaveLength(2));
    expect(fixture.said).toEqual([]);
  });
});

describe('the end', () => {
  it('comes after the last chunk', async () => {
    const encoder = started();
    recorders()[0]!.give(file.slice(0, -50));
    await handled();
    recorders()[0]!.atStop = [file.slice(-50)];
    encoder.stop();
    await vi.waitFor(() => expect(fixture.said.at(-1)).toMatch(/^end/));
    expect(fixture.said.slice(-2)).toEqual(['chunk of 50', 'end {"error":"","isEmpty":false}']);
  });

  it('keeps a recording that is shorter than its first chunk', async () => {
    const encoder = started();
    recorders()[0]!.atStop = [file];
    encoder.stop();
    await vi.waitFor(() => expect(fixture.said.at(-1)).toMatch(/^end/));
    expect(fixture.said).toEqual(['chose video/mp4 from 0', `chunk of ${file.length}`, 'end {"error":"","isEmpty":false}']);
  });

  it('is empty when only the head of a file came', async () => {
    const encoder = started();
    recorders()[0]!.give(head);
    await settle();
    encoder.stop();
    await handled();
    expect(fixture.said).toEqual(['end {"error":"","isEmpty":true}']);
  });

  it('does not wait for ever for an encoder that does not answer', async () => {
    vi.useFakeTimers();
    const encoder = started();
    recorders()[0]!.answersStop = false;
    encoder.stop();
    await vi.advanceTimersByTimeAsync(4000);
    vi.useRealTimers();
    expect(fixture.said).toEqual(['end {"error":"","isEmpty":true}']);
  });

  it('waits for one that is far behind, while it goes on to give what it has, though not for ever', async () => {
    const encoder = started();
    recorders()[0]!.give(file);
    await handled();
    vi.useFakeTimers();
    recorders()[0]!.answersStop = false;
    encoder.stop();
    let ms = 0;
    for (; !fixture.said.at(-1)!.startsWith('end'); ms += 3000) {
      recorders()[0]!.give(file);
      await vi.advanceTimersByTimeAsync(3000);
    }
    vi.useRealTimers();
    expect(ms).toBe(LONGEST_STOP_MS);
  });

  it('says what the encoder said', async () => {
    started();
    recorders()[0]!.give(file);
    await handled();
    recorders()[0]!.fail('out of memory');
    await vi.waitFor(() => expect(fixture.said.at(-1)).toBe('end {"error":"out of memory","isEmpty":false}'));
  });

  it('is silent when the recording is thrown away', async () => {
    started().drop();
    recorders()[0]!.give(file);
    await settle();
    expect(fixture.said).toEqual([]);
    expect(recorders()[0]!.state).toBe('inactive');
  });
});

describe('a page that is about to be left', () => {
  it('gets what the encoder has, at once', async () => {
    const encoder = started();
    recorders()[0]!.give(file);
    await handled();
    fixture.said = [];
    fixture.clock = 3000;
    recorders()[0]!.atStop = [rest];
    encoder.flush();
    expect(fixture.said).toEqual([`chunk of ${rest.length}`, 'join at 3000']);
    expect(recorders().map((r) => r.state)).toEqual(['inactive', 'recording']);
  });

  it('gets what came before any media, too', () => {
    const encoder = started();
    recorders()[0]!.give(head);
    encoder.flush();
    expect(fixture.said).toEqual(['chose video/mp4 from 0', 'chunk of 100', 'join at 0']);
  });

  it('has one encoder of WebM that goes on', () => {
    FakeRecorder.refused = /mp4/;
    started().flush();
    expect(fixture.said).toEqual(['chose video/webm from 0', 'chunk of 7']);
    expect(recorders()).toHaveLength(1);
  });
});
