import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** The processor of the worklet, in a world whose sound has ten samples a second. */
interface Processor {
  process(inputs: (Float32Array[] | undefined)[]): boolean;
  port: { onmessage: (e: { data: string }) => void; postMessage: (samples: Float32Array) => void };
}
let processor: Processor;
let answers: number[][];

beforeEach(async () => {
  answers = [];
  vi.stubGlobal('sampleRate', 10);
  vi.stubGlobal(
    'AudioWorkletProcessor',
    class {
      port = { onmessage: () => {}, postMessage: (samples: Float32Array) => answers.push([...samples]) };
    },
  );
  vi.stubGlobal('registerProcessor', (_: string, made: new () => Processor) => (processor = new made()));
  vi.resetModules();
  await import('./recent.worklet.js' as string);
});
afterEach(() => vi.unstubAllGlobals());

const count = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i);
const hear = (from: number, n: number) => processor.process([[Float32Array.from(count(from, n))]]);
const ask = (what: string) => processor.port.onmessage({ data: what });

it('gives what there is when that is less than two seconds', () => {
  ask('read');
  hear(0, 7);
  ask('read');
  expect(answers).toEqual([[], count(0, 7)]);
});

it.each([20, 21, 27, 40, 63])('after %d samples it has the last two seconds, oldest first', (n) => {
  for (let at = 0; at < n; at += 4) hear(at, Math.min(4, n - at));
  ask('read');
  expect(answers).toEqual([count(n - 20, 20)]);
});

it('reading takes nothing away, and another microphone starts anew', () => {
  hear(0, 5);
  ask('read');
  ask('read');
  ask('clear');
  hear(90, 2);
  ask('read');
  expect(answers).toEqual([count(0, 5), count(0, 5), [90, 91]]);
});

it('goes on while nothing is connected', () => {
  hear(0, 3);
  expect(processor.process([undefined])).toBe(true);
  expect(processor.process([[]])).toBe(true);
  ask('read');
  expect(answers).toEqual([[0, 1, 2]]);
});
