// @vitest-environment happy-dom

import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureError, type Capture } from './capture';
import { Encoder } from './encoder';
import { Inputs } from './inputs.svelte';
import { explainCapture } from './logFailure';
import type { FromSpool } from './messages';
import { Recording } from './recording.svelte';
import { SpoolClient } from './spool.client';

const raw = 'TypeError: x is not a function';
let worker: Worker;
let log: unknown[][];

beforeEach(() => {
  log = [];
  vi.spyOn(console, 'warn').mockImplementation((...said) => void log.push(said));
  vi.stubGlobal(
    'Worker',
    class {
      constructor() {
        worker = this as unknown as Worker;
      }
      addEventListener() {}
      postMessage() {}
      terminate() {}
    },
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const say = (data: FromSpool) => worker.onmessage!.call(worker, new MessageEvent('message', { data }));

function startRecording() {
  const rec = new Recording({ userId: 'U', workspaceId: 'W', reply: null }, new Inputs(() => true, null));
  const stream = { getVideoTracks: () => [{}], getAudioTracks: () => [], getTracks: () => [] } as unknown as MediaStream;
  rec.phase = { name: 'countdown', left: 0 };
  rec.capture = { stream, graphTime: () => null, stop() {} } as unknown as Capture;
  rec.skipCountdown();
  return rec;
}

class Recorder {
  static isTypeSupported = () => true;
  state = 'inactive';
  mimeType = 'video/mp4';
  onerror: ((e: { error: Error }) => void) | null = null;
  start() {
    this.state = 'recording';
  }
  stop() {
    this.state = 'inactive';
  }
}

/** What the page says of a recording that failed. */
const saidOf = (rec: Recording) => (rec.phase.name === 'failed' ? `${rec.phase.why.title}. ${rec.phase.why.text}` : '');

describe('what the browser says of a failure is in its console, and not on the page', () => {
  it.each([
    [true, 0, /kept on this computer: load this page again/],
    [false, 0, /only in this tab: save it as a file/],
    [true, 9, /only in this tab: save it as a file/],
  ])('a spool that fails, where the disk has it: %s, with %i bytes in memory alone', (disk, inMemory, text) => {
    vi.stubGlobal('MediaRecorder', Recorder);
    const rec = startRecording();
    say({ type: 'opened', disk });
    say({ type: 'standing', media: null, recorded: 9, onDisk: 9 - inMemory, durable: 0, inMemory });
    say({ type: 'failed', message: raw });
    expect(saidOf(rec)).toMatch(text);
    expect(saidOf(rec)).not.toContain('TypeError');
    expect(log.join()).toContain(raw);
  });

  it('an encoder that the browser does not start', () => {
    vi.stubGlobal(
      'MediaRecorder',
      class extends Recorder {
        override start() {
          throw new Error(raw);
        }
      },
    );
    expect(saidOf(startRecording())).toMatch(/^The browser could not start recording\. (?!.*TypeError)/);
    expect(log.join()).toContain(raw);
  });

  it('an encoder that reports an error', () => {
    const made: Recorder[] = [];
    vi.stubGlobal(
      'MediaRecorder',
      class extends Recorder {
        constructor() {
          super();
          made.push(this);
        }
      },
    );
    const types = [{ mimeType: 'video/mp4', soundAlone: false }];
    const events = { onChoose() {}, onChunk() {}, onJoin() {}, onEnd() {}, onFailure: () => false };
    new Encoder({} as MediaStream, { types, screen: false, clock: () => 0 }, events).start();
    made[0]!.onerror!({ error: new Error(raw) });
    expect(log.join()).toContain(raw);
  });

  it('a device that cannot be opened, for a reason that has no name', () => {
    const asked = { screen: false, camera: true, microphone: false } as const;
    expect(JSON.stringify(explainCapture(new CaptureError(new Error(raw), asked), asked))).not.toContain('TypeError');
    expect(log.join()).toContain(raw);
  });

  it('a worker that fails', () => {
    const heard: FromSpool[] = [];
    new SpoolClient((m) => heard.push(m));
    worker.onerror!.call(worker, { message: raw } as ErrorEvent);
    expect(heard.map((m) => m.type)).toEqual(['failed']);
    expect(log.join()).toContain(raw);
  });
});

it('no sentence is made of an error’s own words', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.svelte') || (/^problem(\/|\.ts)/.test(f) && f.endsWith('.ts') && !f.endsWith('.test.ts')),
  );
  expect(files).toEqual(expect.arrayContaining(['ProblemCard.svelte', 'problem.ts', 'problem/sending.ts']));
  const taken = files.flatMap(
    (f) => readFileSync(`${import.meta.dirname}/${f}`, 'utf8').match(/.*\b(\w+\.message|String\((e|error)\)|\$\{(e|error)\}).*/g) ?? [],
  );
  expect(taken.filter((line) => !line.includes('undoDenial('))).toEqual([]); // whether the system denied it is read there
});
