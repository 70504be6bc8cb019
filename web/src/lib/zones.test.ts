import { expect, test } from 'vitest';
import { allTimeZones, browserTimeZone, formatTimeIn } from './zones';

test('the own zone is among all', () => {
  expect(allTimeZones(browserTimeZone())).toContain(browserTimeZone());
  expect(allTimeZones()).toContain('UTC');
  expect(new Set(allTimeZones('UTC', 'Europe/Paris')).size).toBe(allTimeZones('UTC', 'Europe/Paris').length);
});

test('the time there', () => {
  expect(formatTimeIn('Asia/Kolkata', new Date('2026-01-01T12:00:00Z'))).toBe('17:30');
  expect(formatTimeIn('Nowhere/Else')).toBe('');
});
