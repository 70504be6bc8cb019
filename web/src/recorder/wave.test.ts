import { expect, it } from 'vitest';
import { encodeWave, makeTestTone } from './wave';

it('writes 16-bit PCM that says its rate and length', () => {
  const file = new DataView(encodeWave({ samples: Float32Array.of(0, 0.5, -1, 1.7), rate: 48_000 }));
  const text = (at: number, n: number) => String.fromCharCode(...new Uint8Array(file.buffer, at, n));
  expect([text(0, 4), text(8, 8), text(36, 4)]).toEqual(['RIFF', 'WAVEfmt ', 'data']);
  expect([file.getUint32(4, true), file.getUint32(24, true), file.getUint32(28, true), file.getUint32(40, true)]).toEqual([
    44, 48_000, 96_000, 8,
  ]);
  expect([0, 1, 2, 3].map((i) => file.getInt16(44 + 2 * i, true))).toEqual([0, 16384, -32767, 32767]);
});

it('the test tone is short, begins and ends in silence, and is never loud', () => {
  const { samples, rate } = makeTestTone();
  expect(samples.length / rate).toBeCloseTo(0.7, 2);
  expect(Math.abs(samples[0]!)).toBe(0);
  expect(Math.abs(samples.at(-1)!)).toBeLessThan(0.01);
  const peak = samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
  expect(peak).toBeGreaterThan(0.25);
  expect(peak).toBeLessThan(0.31);
});
