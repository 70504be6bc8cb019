import { describe, expect, it } from 'vitest';
import { meterLevel, SilenceDetector, VoiceDetector } from './silence';

it('four quiet seconds are a silence, a word ends it', () => {
  const s = new SilenceDetector();
  expect(s.addLevel(0.0001, 0)).toBe(false);
  expect(s.addLevel(0.0001, 3999)).toBe(false);
  expect(s.addLevel(0.0001, 4000)).toBe(true);
  expect(s.addLevel(0.05, 4100)).toBe(false);
  expect(s.addLevel(0.0001, 5000)).toBe(false);
  expect(s.addLevel(0.0001, 9000)).toBe(true);
  s.reset();
  expect(s.addLevel(0.0001, 9500)).toBe(false);
});

it('a microphone that gives nothing at all is noticed after two seconds', () => {
  const s = new SilenceDetector();
  expect(s.addLevel(0, 0)).toBe(false);
  expect(s.addLevel(0, 1999)).toBe(false);
  expect(s.addLevel(0, 2000)).toBe(true);
  expect(s.addLevel(0.0001, 2050)).toBe(false);
});

describe('a voice', () => {
  const listen = (v: VoiceDetector, rms: number, ...times: number[]) => times.map((t) => v.addLevel(rms, t)).at(-1);

  it('is heard after a word', () => {
    const v = new VoiceDetector();
    expect(listen(v, 0.05, 0, 50, 100, 150, 200)).toBe(false);
    expect(listen(v, 0.05, 250)).toBe(true);
    v.reset();
    expect(listen(v, 0.05, 300)).toBe(false);
  });

  it('is no knock, and no noise', () => {
    const v = new VoiceDetector();
    for (let t = 0; t < 20_000; t += 1500) expect(listen(v, 0.3, t, t + 50)).toBe(false);
    const noise = new VoiceDetector();
    for (let t = 0; t < 5000; t += 50) expect(listen(noise, 0.009, t)).toBe(false);
  });
});

it.each([
  [0, 0],
  [0.0001, 0],
  [0.001, 0],
  [0.0224, 0.5],
  [0.5012, 1],
  [1, 1],
])('a level of %f fills %f of the meter', (rms, part) => expect(meterLevel(rms)).toBeCloseTo(part, 2));
