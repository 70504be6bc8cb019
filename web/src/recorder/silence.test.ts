import { expect, it } from 'vitest';
import { meterLevel, SilenceDetector } from './silence';

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

it.each([
  [0, 0],
  [0.0001, 0],
  [0.001, 0],
  [0.0224, 0.5],
  [0.5012, 1],
  [1, 1],
])('a level of %f fills %f of the meter', (rms, part) => expect(meterLevel(rms)).toBeCloseTo(part, 2));
