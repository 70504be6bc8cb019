import { expect, it } from 'vitest';
import { SoundLag } from './soundLag.svelte';

/** Looks for so many seconds at a sound of this speed; returns when (s) it was first late, or null. */
function lateAfter(lag: SoundLag, seconds: number, speed: number, from = { wall: 0, sound: 0 }): number | null {
  let first: number | null = null;
  for (let ms = 0; ms <= seconds * 1000; ms += 250) {
    lag.addLook(from.wall + ms, from.sound + ms * speed);
    if (lag.isLate) first ??= ms / 1000;
  }
  return first;
}

it('a sound card whose clock is a little off for an hour is not late', () => expect(lateAfter(new SoundLag(), 3600, 0.999)).toBeNull());

it('a fifth of the sound is missing: said within three seconds, and no longer once it is made in time', () => {
  const lag = new SoundLag();
  expect(lateAfter(lag, 10, 0.8)).toBeLessThan(3);
  lateAfter(lag, 6, 1, { wall: 10_000, sound: 8000 });
  expect(lag.isLate).toBe(false);
});

it('a page that was frozen knows nothing of its sound meanwhile', () => {
  const lag = new SoundLag();
  lateAfter(lag, 5, 1);
  expect(lateAfter(lag, 5, 1, { wall: 20_000, sound: 5000 })).toBeNull();
});
