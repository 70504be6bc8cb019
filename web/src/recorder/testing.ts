/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { beforeEach, expect, vi } from 'vitest';
import type { EncoderEvents } from './encoderEvents';
import type { Source } from './tus';

/** A tus server in memory. `faults` are used up one request each; then it behaves. */
export class Server {
  data = new Uint8Array();
  length: number | null = null;
  exists = false;
  log: string[] = [];
  metadata = '';
  faults: ((method: string, apply: () => Response) => Response | Promise<Response> | null)[] = [];

  fetch = async (path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> => {
    const method = init.method ?? 'GET';
    const body = init.body as Uint8Array | undefined;
    this.log.push(`${method} ${path}${method === 'PATCH' ? ` ${init.headers['Upload-Offset']}+${body?.length}` : ''}`);
    expect(init.headers['Tus-Resumable']).toBe('1.0.0');
    const apply = () => this.#apply(method, init.headers, body);
    const fault = this.faults.shift()?.(method, apply);
    if (!fault) return apply();
    return Promise.race([
      fault,
      new Promise<never>((_, no) => init.signal?.addEventListener('abort', () => no(new DOMException('', 'AbortError')))),
    ]);
  };

  #apply(method: string, h: Record<string, string>, body?: Uint8Array): Response {
    if (method === 'POST') {
      this.metadata = h['Upload-Metadata']!;
      if (this.exists && this.data.length) return answer(409, { Location: 'https://other.example/api/v1/uploads/U1' });
      this.exists = true;
      this.length = h['Upload-Length'] === undefined ? null : Number(h['Upload-Length']);
      return answer(201, { Location: 'http://wrong-scheme.example/api/v1/uploads/U1' });
    }
    if (!this.exists) return answer(404);
    if (method === 'PATCH') {
      if (Number(h['Upload-Offset']) !== this.data.length) return answer(409);
      this.data = joined(this.data, body ?? new Uint8Array());
      if (h['Upload-Length'] !== undefined) this.length = Number(h['Upload-Length']);
    }
    const standing: Record<string, string> = { 'Upload-Offset': String(this.data.length) };
    if (this.length !== null) standing['Upload-Length'] = String(this.length);
    return answer(method === 'PATCH' ? 204 : 200, standing);
  }
}

export const answer = (status: number, headers: Record<string, string> = {}, problem?: object) =>
  new Response(problem ? JSON.stringify(problem) : null, {
    status,
    headers: problem ? { ...headers, 'Content-Type': 'application/problem+json' } : headers,
  });

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** A recording in memory that grows when the test says so. */
export class Growing implements Source {
  all = new Uint8Array();
  sealed = false;
  wake = () => {};
  state = () => ({ bytes: this.all.length, sealed: this.sealed });
  read = (from: number, to: number) => this.all.slice(from, to);
  changed = () => new Promise<void>((r) => (this.wake = r));
  add(n: number) {
    this.all = joined(
      this.all,
      new Uint8Array(n).map((_, i) => ((this.all.length + i) * 7) & 255),
    );
    this.wake();
  }
  seal() {
    this.sealed = true;
    this.wake();
  }
}

/** What the page sees of a browser's recorder; the test plays the encoder. */
export class FakeRecorder {
  static all: FakeRecorder[] = [];
  static refused: RegExp | null = null;
  static isTypeSupported = (type: string) => !FakeRecorder.refused?.test(type);
  state = 'inactive';
  ondataavailable: ((e: { data: Blob }) => void) | null = null;
  onerror: ((e: { error?: Error }) => void) | null = null;
  onstop: (() => void) | null = null;
  answersStop = true;
  atStop: Uint8Array[] = [];
  timeslice: number | undefined;

  constructor(
    readonly stream: unknown,
    readonly options: { mimeType: string },
  ) {
    if (FakeRecorder.refused?.test(options.mimeType)) throw new DOMException('', 'NotSupportedError');
    FakeRecorder.all.push(this);
  }
  get mimeType() {
    return this.options.mimeType;
  }
  start(timeslice?: number) {
    this.timeslice = timeslice;
    this.state = 'recording';
  }
  pause() {
    this.state = 'paused';
  }
  resume() {
    this.state = 'recording';
  }
  stop() {
    this.state = 'inactive';
    for (const bytes of this.atStop) this.give(bytes);
    if (this.answersStop) this.onstop?.();
  }
  requestData() {
    this.give(new Uint8Array(7));
  }
  give(bytes: Uint8Array) {
    this.ondataavailable?.({ data: new Blob([bytes.slice()]) });
  }
  fail(message: string) {
    this.onerror?.({ error: new Error(message) });
  }
}

/** Two seconds of sound in WebM, as an encoder gives it. */
export function encodeSine(): Uint8Array<ArrayBuffer> {
  const sine = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'];
  return new Uint8Array(
    execFileSync('ffmpeg', ['-v', 'error', ...sine, '-c:a', 'libopus', '-f', 'webm', '-live', '1', '-'], { maxBuffer: 1 << 20 }),
  );
}

export const encoderType = (mimeType: string, soundAlone = false) => ({ mimeType, soundAlone });

/** What an encoder is made of and says in a test, anew for each: its browser is `FakeRecorder`. */
export function useEncoderFixture() {
  const types = [
    encoderType('video/mp4'),
    encoderType('video/webm'),
    encoderType('video/mp4;codecs=avc1'),
    encoderType('audio/webm', true),
  ];
  const audio = { kind: 'audio' } as MediaStreamTrack;
  const stream = { getAudioTracks: () => [audio], getTracks: () => [] } as unknown as MediaStream;
  const fixture = { said: [] as string[], clock: 0 };
  const events: EncoderEvents = {
    onChoose: (t, mime, at) => fixture.said.push(`chose ${mime} from ${at}${t.soundAlone ? ', sound alone' : ''}`),
    onChunk: (blob) => fixture.said.push(`chunk of ${blob.size}`),
    onJoin: (atMs) => fixture.said.push(`join at ${atMs}`),
    onEnd: (end) => fixture.said.push(`end ${JSON.stringify(end)}`),
  };

  beforeEach(() => {
    Object.assign(fixture, { said: [], clock: 0 });
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

  return {
    fixture,
    audio,
    stream,
    events,
    options: { types, screen: false, clock: () => fixture.clock },
    recorders: () => FakeRecorder.all,
    /** Until all bytes that were given are read: they come from Blobs. */
    handled: () => vi.waitFor(() => expect(fixture.said).not.toEqual([])),
  };
}
