import { expect, test } from 'vitest';
import { allZones, ownZone, timeIn } from './zones';

test('the own zone is among all', () => {
  expect(allZones(ownZone())).toContain(ownZone());
  expect(allZones()).toContain('UTC');
  expect(new Set(allZones('UTC', 'Europe/Paris')).size).toBe(allZones('UTC', 'Europe/Paris').length);
});

test('the time there', () => {
  expect(timeIn('Asia/Kolkata', new Date('2026-01-01T12:00:00Z'))).toBe('17:30');
  expect(timeIn('Nowhere/Else')).toBe('');
});
