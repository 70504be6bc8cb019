import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withinPatience } from './patience';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives what the promise gives', async () => {
  await expect(withinPatience(Promise.resolve('soon'), 1000, 'never')).resolves.toBe('soon');
  expect(vi.getTimerCount()).toBe(0);
});

it('gives something else when the promise takes too long', async () => {
  const given = withinPatience(new Promise<string>(() => {}), 1000, 'never');
  await vi.advanceTimersByTimeAsync(1000);
  await expect(given).resolves.toBe('never');
});
