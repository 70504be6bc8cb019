import { expect, it } from 'vitest';
import { SoundQueue, type SoundPart } from './soundQueue';

const RATE = 1000; // a frame lasts a millisecond
const part = (atMs: number, ms: number, channels = 1): SoundPart => ({
  atMs,
  sampleRate: RATE,
  channels: Array.from({ length: channels }, (_, c) => new Float32Array(ms).fill(atMs + c)),
});

/** A queue whose encoder waits until it is let go on. */
function stalled() {
  const encoded: SoundPart[] = [];
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const queue = new SoundQueue(async (p) => {
    encoded.push(p);
    await gate;
  });
  return { queue, encoded, goOn };
}

const shape = (parts: SoundPart[]) => parts.map((p) => `${p.atMs}+${p.channels[0]!.length}x${p.channels.length}`);

it('joins what waits, in its order', async () => {
  const { queue, encoded, goOn } = stalled();
  for (let at = 0; at < 500; at += 10) queue.add(part(at, 10, 2));
  expect(queue.waitingMs).toBe(500);
  goOn();
  await queue.drain();
  expect(shape(encoded)).toEqual(['0+10x2', '10+200x2', '210+200x2', '410+90x2']);
  expect([...encoded[1]!.channels[1]!.filter((_, i) => i % 10 === 0)].slice(0, 3)).toEqual([11, 21, 31]);
  expect(queue.waitingMs).toBe(0);
});

it('keeps apart what does not follow, or is of another kind', async () => {
  const { queue, encoded, goOn } = stalled();
  for (const p of [part(0, 10), part(10, 10), part(50, 10), part(60, 10, 2)]) queue.add(p);
  goOn();
  await queue.drain();
  expect(shape(encoded)).toEqual(['0+10x1', '10+10x1', '50+10x1', '60+10x2']);
});

it('is bounded', () => {
  const { queue } = stalled();
  queue.add(part(0, 31_000));
  expect(() => queue.add(part(31_000, 10))).toThrow('cannot keep up');
});

it('says what the encoder said', async () => {
  const queue = new SoundQueue(() => Promise.reject(new Error('no memory')));
  queue.add(part(0, 10));
  await expect(queue.drain()).rejects.toThrow('no memory');
  expect(() => queue.add(part(10, 10))).toThrow('no memory');
});
