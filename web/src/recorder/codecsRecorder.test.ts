// @vitest-environment happy-dom

import { beforeEach, expect, it, vi } from 'vitest';
import type { FromCodecs, ToCodecs } from './codecs.worker';
import { CodecsRecorder } from './codecsRecorder';
import { recorderOptions } from './types';

/** The other side of the recorder; the test plays the worker. */
class FakeWorker {
  static last: FakeWorker;
  onmessage: ((e: { data: FromCodecs }) => void) | null = null;
  onerror: ((e: { message: string }) => void) | null = null;
  sent: ToCodecs[] = [];
  isOpen = true;
  constructor() {
    FakeWorker.last = this;
  }
  postMessage(message: ToCodecs) {
    this.sent.push(message);
  }
  terminate() {
    this.isOpen = false;
  }
  give(n: number) {
    this.onmessage?.({ data: { type: 'bytes', bytes: new Uint8Array(n) } });
  }
}

class FakeProcessor {
  readable: ReadableStream;
  static asked: string[] = [];
  static samples: object[] = [];
  constructor({ track, maxBufferSize }: { track: { kind: string }; maxBufferSize: number }) {
    FakeProcessor.asked.push(`${track.kind}, ${maxBufferSize} wait`);
    this.readable = new ReadableStream({
      start(to) {
        for (const sample of FakeProcessor.samples) to.enqueue(sample);
        to.close();
      },
    });
  }
}

const track = (kind: string) => ({ kind, getSettings: () => ({ width: 640, height: 360 }) });
const streamOf = (...kinds: string[]) =>
  ({
    getVideoTracks: () => kinds.filter((k) => k === 'video').map(track),
    getAudioTracks: () => kinds.filter((k) => k === 'audio').map(track),
  }) as unknown as MediaStream;

let said: string[] = [];
let now = 0;

beforeEach(() => {
  said = [];
  now = 0;
  FakeProcessor.asked = [];
  FakeProcessor.samples = [];
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('MediaStreamTrackProcessor', FakeProcessor);
  vi.stubGlobal('BlobEvent', BlobEventLike);
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return () => vi.unstubAllGlobals();
});

/** happy-dom has none. */
class BlobEventLike extends Event {
  data: Blob;
  constructor(type: string, { data }: { data: Blob }) {
    super(type);
    this.data = data;
  }
}

function started(stream = streamOf('video', 'audio'), mimeType = 'video/webm;codecs=vp8,opus') {
  const recorder = new CodecsRecorder(stream, recorderOptions(mimeType, false));
  recorder.ondataavailable = (e) => said.push(`data ${e.data.size}`);
  recorder.onerror = (e) => said.push(`error ${(e as Event & { error: DOMException }).error.message}`);
  recorder.onstop = () => said.push('stop');
  recorder.start(250);
  return recorder;
}

it('has both tracks wait from its start on, and sound for longer than a page is busy', () => {
  const recorder = started();
  expect(recorder.state).toBe('recording');
  expect(FakeProcessor.asked).toEqual(['video, 2 wait', 'audio, 1000 wait']);
  expect(FakeWorker.last.sent[0]).toMatchObject({ options: { video: 'vp8', hasSound: true, keyFrameMs: 1000 } });
});

it('encodes with the codec of its type, and only the tracks that there are', () => {
  started(streamOf('video'), 'video/webm;codecs=vp9');
  expect(FakeWorker.last.sent[0]).toMatchObject({ options: { video: 'vp9', hasSound: false } });
  expect(FakeProcessor.asked).toEqual(['video, 2 wait']);
});

it('sends all sound to the worker, and says when its track has ended', async () => {
  FakeProcessor.samples = [{ part: 1 }, { part: 2 }];
  started();
  await vi.waitFor(() => expect(FakeWorker.last.sent.at(-1)!.type).toBe('soundEnd'));
  expect(FakeWorker.last.sent.filter((m) => m.type === 'sound').map((m) => m.data)).toEqual(FakeProcessor.samples);
});

it('hands out what came, once in so many milliseconds', () => {
  started();
  FakeWorker.last.give(10);
  now = 249;
  FakeWorker.last.give(20);
  expect(said).toEqual([]);
  now = 250;
  FakeWorker.last.give(30);
  expect(said).toEqual(['data 60']);
});

it('hands out all it has at once when it is asked to', () => {
  const recorder = started();
  FakeWorker.last.give(10);
  recorder.requestData();
  expect(said).toEqual(['data 10']);
});

it('says when it is paused and goes on', () => {
  const recorder = started();
  recorder.pause();
  expect(recorder.state).toBe('paused');
  recorder.resume();
  expect(recorder.state).toBe('recording');
  expect(FakeWorker.last.sent.map((m) => m.type)).toEqual(['start', 'pause', 'resume']); // its sound has not been read yet
});

it('ends when the worker has written what the encoders still had', () => {
  const recorder = started();
  recorder.stop();
  expect(said).toEqual([]);
  FakeWorker.last.give(10);
  FakeWorker.last.onmessage!({ data: { type: 'end' } });
  expect(said).toEqual(['data 10', 'stop']);
  expect(FakeWorker.last.isOpen).toBe(false);
});

it('ends by itself when its tracks do', () => {
  const recorder = started();
  FakeWorker.last.onmessage!({ data: { type: 'end' } });
  expect([recorder.state, ...said]).toEqual(['inactive', 'data 0', 'stop']);
});

it('reports an error after what came before it, and can be stopped then', async () => {
  const recorder = started();
  FakeWorker.last.give(10);
  FakeWorker.last.onmessage!({ data: { type: 'error', message: 'no memory' } });
  expect(said).toEqual(['data 10', 'error no memory']);
  expect(FakeWorker.last.isOpen).toBe(false);
  recorder.stop();
  await vi.waitFor(() => expect(said.at(-1)).toBe('stop'));
});

it('reports a script that cannot be loaded', () => {
  started();
  FakeWorker.last.onerror!({ message: '' });
  expect(said.at(-1)).toBe('error The encoder did not start.');
});

it('ends when it fails after it was stopped', () => {
  const recorder = started();
  recorder.stop();
  FakeWorker.last.onmessage!({ data: { type: 'error', message: 'no memory' } });
  expect(said.at(-1)).toBe('stop');
});
