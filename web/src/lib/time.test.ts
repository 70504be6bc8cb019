import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Me } from './boot';
import { formatAgo, formatBytes, formatClock, formatDuration, formatFullTime } from './time';

test.each([
  [0, '0:00'],
  [999, '0:00'],
  [75_400, '1:15'],
  [600_000, '10:00'],
  [3_671_000, '1:01:11'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
  [NaN, '0:00'],
  [Infinity, '0:00'],
])('clock(%d) is %s', (ms, text) => {
  expect(formatClock(ms)).toBe(text);
});

test.each([
  [0, '0 seconds'],
  [1_000, '1 second'],
  [65_000, '1 minute 5 seconds'],
  [3_600_000, '1 hour'],
  [7_322_000, '2 hours 2 minutes 2 seconds'],
])('durationWords(%d) is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

describe('ago', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  test.each([
    ['2026-03-10T11:59:30Z', 'just now'],
    ['2026-03-10T12:00:20Z', 'just now'], // a clock that is a little ahead
    ['2026-03-10T11:58:00Z', '2 minutes ago'],
    ['2026-03-10T10:00:00Z', '2 hours ago'],
    ['2026-03-09T12:00:00Z', 'yesterday'],
    ['2026-02-24T12:00:00Z', '2 weeks ago'],
    ['2024-03-10T12:00:00Z', '2 years ago'],
    ['2026-03-12T12:00:00Z', 'just now'], // never still to come
    ['not a time', ''],
  ])('%s is %s', (iso, text) => expect(formatAgo(iso, now)).toBe(text));

  test('a time to come is said only where it may be', () => expect(formatAgo('2026-03-12T12:00:00Z', now, true)).toBe('in 2 days'));
});

describe("days are those of the person's zone", () => {
  afterEach(() => (boot.me = null));
  const now = '2026-11-30T01:50:00Z'; // Sunday evening in Los Angeles, Monday in Kiritimati
  test.each([
    ['America/Los_Angeles', '2026-11-28T09:00:00Z', now, 'yesterday'], // Saturday 01:00
    ['America/Los_Angeles', '2026-11-28T07:30:00Z', now, '2 days ago'], // Friday 23:30, 42 hours ago
    ['Pacific/Kiritimati', '2026-11-28T11:00:00Z', now, 'yesterday'], // Sunday 01:00, 39 hours ago
    ['Pacific/Kiritimati', '2026-11-28T09:30:00Z', now, '2 days ago'], // Saturday 23:30
    ['Asia/Kolkata', '2026-11-28T18:20:00Z', now, '2 days ago'], // Saturday 23:50, 31 hours ago
    ['Asia/Kolkata', '2026-11-28T18:40:00Z', now, 'yesterday'], // Sunday 00:10
    ['America/New_York', '2026-11-01T04:10:00Z', '2026-11-02T04:20:00Z', '24 hours ago'], // the day of 25 hours
    ['Nowhere/Unknown', '2026-11-20T12:00:00Z', now, 'last week'],
  ])('%s: %s at %s is %s', (time_zone, at, now, text) => {
    boot.me = { preferences: { time_zone } } as Me;
    expect(formatAgo(at, Date.parse(now))).toBe(text);
  });
  test('so is the whole time', () => {
    boot.me = { preferences: { time_zone: 'America/Los_Angeles' } } as Me;
    expect(formatFullTime(now)).toMatch(/Sunday, November 29, 2026.*5:50/);
  });
});

test('fullTime is in the zone asked for', () => {
  expect(formatFullTime('2026-03-10T23:30:00Z', 'Asia/Tokyo')).toMatch(/Wednesday, March 11, 2026.*8:30/);
  expect(formatFullTime('never')).toBe('');
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1536, '1.5 kB'],
  [10_350_174, '10.4 MB'],
  [250_000_000, '250 MB'],
  [21_474_836_480, '21.5 GB'],
])('byteWords(%d) is %s', (n, text) => {
  expect(formatBytes(n)).toBe(text);
});
