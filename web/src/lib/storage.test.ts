// @vitest-environment happy-dom

import { beforeEach, expect, test, vi } from 'vitest';
import { removeStored, loadStored, saveStored } from './storage';

beforeEach(() => localStorage.clear());

test('what was saved is loaded again', () => {
  expect(saveStored('rate', 1.5)).toBe(true);
  expect(loadStored('rate', 1)).toBe(1.5);
  removeStored('rate');
  expect(loadStored('rate', 1)).toBe(1);
});

test('a value that is no JSON is the fallback', () => {
  localStorage.setItem('tidings.rate', 'fast');
  expect(loadStored('rate', 1)).toBe(1);
});

test('a browser that forbids storage costs nothing but memory', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  expect(loadStored('rate', 1)).toBe(1);
  expect(saveStored('rate', 2)).toBe(false);
  expect(() => removeStored('rate')).not.toThrow();
  vi.unstubAllGlobals();
});
