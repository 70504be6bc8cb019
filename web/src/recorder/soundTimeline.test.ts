import { expect, it } from 'vitest';
import { SoundTimeline } from './soundTimeline';

const PART = 10; // ms

/** Places parts of sound that were captured at these times. */
const placeAll = (sound: SoundTimeline, times: number[]) => times.map((time) => sound.place(time, PART));
const times = (from: number, to: number, by = PART) => Array.from({ length: Math.round((to - from) / by) }, (_, i) => from + i * by);

it('has no gap where parts come late and at once', () => {
  const sound = new SoundTimeline();
  placeAll(sound, times(20, 1000));
  const burst = times(1000, 1400).map(() => 1400);
  expect(placeAll(sound, burst)).toEqual(times(1000, 1400));
  placeAll(sound, times(1400, 3000));
  expect(sound.end).toBe(3000);
  expect(sound.lag).toBe(0);
});

it('puts silence where sound is missing', () => {
  const sound = new SoundTimeline();
  placeAll(sound, times(0, 2000));
  placeAll(sound, times(3000, 5000)); // a second is missing
  expect(sound.end).toBe(5000);
});

it('leaves a little less alone, which the picture follows', () => {
  const sound = new SoundTimeline();
  placeAll(sound, times(0, 2000));
  placeAll(sound, times(2060, 5000));
  expect(sound.end).toBe(4940);
  expect(sound.lag).toBe(60);
});

it('follows a sound card whose clock is fast, and leaves no sound out', () => {
  const sound = new SoundTimeline();
  placeAll(sound, times(0, 10_000, 9.99));
  expect(sound.end).toBeCloseTo(1001 * PART, 5);
  expect(sound.lag).toBeGreaterThan(-10.1);
  expect(sound.lag).toBeLessThan(-9);
});

it('is filled up with silence while nothing comes', () => {
  const sound = new SoundTimeline();
  expect(sound.fillUpTo(1200)).toBe(0);
  placeAll(sound, times(1200, 2000));
  expect(sound.fillUpTo(3000)).toBe(2000);
  expect(sound.end).toBe(3000);
});

it('has no gap where the first parts after silence come late and at once', () => {
  const sound = new SoundTimeline();
  sound.fillUpTo(1000);
  const burst = times(1000, 1150).map(() => 1150);
  expect(placeAll(sound, burst)).toEqual(times(1000, 1150));
  placeAll(sound, times(1150, 3000));
  expect(sound.end).toBe(3000);
});
