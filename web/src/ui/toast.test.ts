import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toast, toasts } from './toast.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  toasts.list = [];
});
afterEach(() => vi.useRealTimers());

const texts = () => toasts.list.map((t) => t.text);

test('goes by itself; failures and offers stay longer', () => {
  toast('Saved', 'good');
  toast('Refused', 'bad');
  vi.advanceTimersByTime(5_000);
  expect(texts()).toEqual(['Refused']);
  vi.advanceTimersByTime(4_000);
  expect(texts()).toEqual([]);
});

test('stays while somebody reads it', () => {
  toast('Saved');
  toasts.hold();
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(['Saved']);
  toasts.release();
  vi.advanceTimersByTime(5_000);
  expect(texts()).toEqual([]);
});

test('three at most, the oldest goes', () => {
  ['a', 'b', 'c', 'd'].forEach((t) => toast(t));
  expect(texts()).toEqual(['b', 'c', 'd']);
});
