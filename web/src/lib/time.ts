import { serverNow } from './serverClock';
import { dayNumber, readerTimeZone } from './zones';

const padTwo = (n: number) => String(n).padStart(2, '0');

/** A position or length in a clip: 75400 → "1:15", 3671000 → "1:01:11". */
export function formatClock(ms: number): string {
  const s = Math.max(0, Math.floor((Number.isFinite(ms) ? ms : 0) / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h ? `${h}:${padTwo(m)}:${padTwo(s % 60)}` : `${m}:${padTwo(s % 60)}`;
}

/** The same length in words, for screen readers and long forms: 75400 → "1 minute 15 seconds". */
export function formatDuration(ms: number): string {
  const s = Math.max(0, Math.floor((Number.isFinite(ms) ? ms : 0) / 1000));
  const parts: [number, string][] = [
    [Math.floor(s / 3600), 'hour'],
    [Math.floor(s / 60) % 60, 'minute'],
    [s % 60, 'second'],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`);
  return said.join(' ') || '0 seconds';
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536e6],
  ['month', 2_592e6],
  ['week', 604.8e6],
  ['day', 86.4e6],
  ['hour', 3.6e6],
  ['minute', 6e4],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/**
 * How long ago an RFC 3339 time was: "2 hours ago", "yesterday", "just now" within a minute. What has happened is never
 * in the future, whatever a clock says; `coming` is for times that may be: "in 2 hours". Days are those of the reader's
 * zone: yesterday ends at midnight there.
 */
export function formatAgo(iso: string, now = serverNow(), coming = false): string {
  const away = coming ? Date.parse(iso) - now : Math.min(0, Date.parse(iso) - now);
  if (Number.isNaN(away)) return '';
  const zone = readerTimeZone();
  const days = Math.abs(away) < 86.4e6 ? 0 : dayNumber(now + away, zone) - dayNumber(now, zone);
  for (const [unit, ms] of units) {
    if (Math.abs(away) < ms || (unit === 'day' && days === 0)) continue; // a day of 25 hours is not over after 24
    return relative.format(unit === 'day' ? days : Math.round(away / ms), unit);
  }
  return 'just now';
}

/** The whole date and time in the reader's own zone, for titles and tooltips. */
export function formatFullTime(iso: string, zone = readerTimeZone()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const options = { dateStyle: 'full', timeStyle: 'short' } as const;
  try {
    return new Intl.DateTimeFormat('en', { ...options, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat('en', options).format(at); // a zone that this browser does not know
  }
}

/** Bytes for people: 1536 → "1.5 kB" (powers of 1000, as file managers show them). */
export function formatBytes(bytes: number): string {
  const names = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let n = Math.max(0, bytes);
  let i = 0;
  while (n >= 1000 && i < names.length - 1) {
    n /= 1000;
    i++;
  }
  return `${i === 0 || n >= 100 ? Math.round(n) : Math.round(n * 10) / 10} ${names[i]}`;
}
