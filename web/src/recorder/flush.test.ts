// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Capture } from './capture';
import { Inputs } from './inputs.svelte';
import type { ToSpool } from './messages';
import { Recording } from './recording.svelte';

/** Encoders as the page sees them: each event is a task of its own, as in browsers. */
class Encoder {
  static all: Encoder[] = [];
  static isTypeSupported = (type: string) => type.startsWith(Encoder.container);
  static container = 'video/mp4';
  state: RecordingState = 'inactive';
  ondataavailable: ((e: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  log: string[] = [];
  mimeType: string;
  constructor(
    readonly stream: MediaStream,
    o: MediaRecorderOptions,
  ) {
    this.mimeType = o.mimeType!;
    Encoder.all.push(this);
  }
  start() {
    this.state = 'recording';
  }
  pause() {
    this.state = 'paused';
  }
  resume() {
    this.state = 'recording';
  }
  requestData() {
    this.log.push('requestData');
  }
  stop() {
    this.state = 'inactive';
    queueMicrotask(() => {
      this.ondataavailable?.({ data: new Blob(['rest']) });
      this.onstop?.();
    });
  }
}

let posted: ToSpool[];
beforeEach(() => {
  posted = [];
  Encoder.all = [];
  vi.stubGlobal('MediaRecorder', Encoder);
  vi.stubGlobal(
    'Worker',
    class {
      postMessage = (m: ToSpool) => posted.push(m);
      terminate() {}
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

function startRecording(container: string) {
  Encoder.container = container;
  const rec = new Recording({ userId: 'U', workspaceId: 'W', reply: null }, new Inputs(() => true, null));
  const stream = { getVideoTracks: () => [{}], getAudioTracks: () => [], getTracks: () => [] } as unknown as MediaStream;
  rec.phase = { name: 'countdown', left: 0 };
  rec.capture = { stream, graphTime: () => null, stop() {} } as unknown as Capture;
  rec.skipCountdown();
  return rec;
}
const types = () => posted.map((m) => m.type);

it('MP4: another encoder goes on, so that the first gives its open fragment', async () => {
  const rec = startRecording('video/mp4');
  rec.flush();
  await Promise.resolve();
  expect(Encoder.all.map((e) => e.state)).toEqual(['inactive', 'recording']);
  expect(types()).toEqual(['begin', 'chunk', 'join']);
  rec.stop();
  await vi.waitFor(() => expect(types()).toEqual(['begin', 'chunk', 'join', 'chunk', 'seal']), 5000);
});

it('MP4: a paused recording stays paused', async () => {
  const rec = startRecording('video/mp4');
  rec.pause(); // what was captured before is still on its way
  rec.flush();
  expect(Encoder.all.map((e) => e.state)).toEqual(['inactive', 'paused']);
  rec.resume();
  expect(Encoder.all[1]!.state).toBe('recording');
});

it('WebM: the same encoder gives what it has', () => {
  const rec = startRecording('video/webm');
  rec.flush();
  expect(Encoder.all.map((e) => [e.state, e.log])).toEqual([['recording', ['requestData']]]);
});
