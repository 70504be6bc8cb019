import { describe, expect, it } from 'vitest';
import { CaptureClock, PausedClock, StampedClock } from './captureClock';

it('takes the sample that came least late for the offset', () => {
  const clock = new CaptureClock();
  expect(clock.timeOf(0, 5030)).toBe(5030); // nothing better is known
  expect(clock.timeOf(10, 5012)).toBe(5012);
  expect(clock.timeOf(20, 5400)).toBe(5022); // late, and not captured later for that
});

it('follows a clock that is slower than the computer’s', () => {
  const clock = new CaptureClock();
  let time = 0;
  for (let ms = 0; ms <= 60_000; ms += 100) time = clock.timeOf(ms * 0.999, ms);
  expect(Math.abs(time - 60_000)).toBeLessThan(2);
});

it('forgets within a second what a timestamp said that was wrong', () => {
  const clock = new CaptureClock();
  clock.timeOf(0, 5000);
  clock.timeOf(9000, 5010);
  let time = 0;
  for (let ms = 20; ms <= 1100; ms += 10) time = clock.timeOf(ms, 5000 + ms);
  expect(time).toBe(6100);
});

it('leaves pauses out of the file', () => {
  const clock = new PausedClock(1000);
  clock.pause(3000);
  expect(clock.isPaused).toBe(true);
  expect(clock.timeOf(2999)).toBe(1999);
  expect(clock.timeOf(3500)).toBeNull();
  clock.resume(4000);
  expect([2999, 3000, 3999, 4000, 5000].map((at) => clock.timeOf(at))).toEqual([1999, null, null, 2000, 3000]);
  clock.pause(6000);
  clock.resume(7000);
  expect(clock.timeOf(7500)).toBe(4500);
});

it('has nothing of the time before the start', () => {
  expect(new PausedClock(1000).timeOf(999)).toBeNull();
});

describe('sound that waits for a busy page', () => {
  /** Parts of 100 ms for ten seconds, with these stamps, each by half its time later than it should be, or by none; how far (ms) off the last is. */
  const hear = (stampOf: (ms: number) => number, lateness: number) => {
    const clock = new StampedClock();
    let time = 0;
    for (let ms = 0; ms <= 10_000; ms += 100) time = clock.timeOf(ms, stampOf(ms), ms + lateness * ms);
    return Math.abs(time - 10_000);
  };
  it('was captured when its stamps say, for as long as the queue grows', () => expect(hear((ms) => 70_000 + ms, 0.5)).toBeLessThan(1));
  it.each([-60_000, 60_000])('was captured when it arrives, once its stamps are of another clock: %i ms', (jump) => {
    expect(hear((ms) => (ms < 5000 ? ms : ms + jump), 0)).toBeLessThan(1);
  });
});
