import { beforeEach, expect, test, vi } from 'vitest';
import { drop, load, save } from './storage';

beforeEach(() => localStorage.clear());

test('what was saved is loaded again', () => {
  expect(save('rate', 1.5)).toBe(true);
  expect(load('rate', 1)).toBe(1.5);
  drop('rate');
  expect(load('rate', 1)).toBe(1);
});

test('a value that is no JSON is the fallback', () => {
  localStorage.setItem('tidings.rate', 'fast');
  expect(load('rate', 1)).toBe(1);
});

test('a browser that forbids storage costs nothing but memory', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  expect(load('rate', 1)).toBe(1);
  expect(save('rate', 2)).toBe(false);
  expect(() => drop('rate')).not.toThrow();
  vi.unstubAllGlobals();
});
