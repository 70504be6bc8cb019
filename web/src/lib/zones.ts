import { boot } from './boot';
import { serverNow } from './serverClock';

/** The IANA name of this browser's time zone; UTC when it will not say. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The zone of the person who is signed in, whose days are shown wherever they are; a visitor's is the browser's. */
export function readerTimeZone(): string {
  return boot.me?.preferences.time_zone || browserTimeZone();
}

/** The number of the calendar day of a time (ms since 1970) in a zone. */
export function dayNumber(at: number, zone: string): number {
  const parts = formatParts(zone, { year: 'numeric', month: 'numeric', day: 'numeric' }, at);
  return Date.UTC(parts.year!, parts.month! - 1, parts.day) / 86_400_000;
}

/** The numbers of a time in a zone; in the browser's when it does not know the zone. */
function formatParts(zone: string, fields: Intl.DateTimeFormatOptions, at: number): Partial<Record<Intl.DateTimeFormatPartTypes, number>> {
  const options = { ...fields, calendar: 'gregory', numberingSystem: 'latn' };
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { ...options, timeZone: zone });
  } catch {
    format = new Intl.DateTimeFormat('en', options);
  }
  return Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
}

/** Every zone this browser knows, with the ones given and UTC in any case, in order. */
export function allTimeZones(...also: string[]): string[] {
  return [...new Set(['UTC', ...also.filter(Boolean), ...Intl.supportedValuesOf('timeZone')])].sort();
}

/** "14:05" as it is there now; "" for a zone the browser does not know. */
export function formatTimeIn(zone: string, at = new Date(serverNow())): string {
  try {
    return new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }).format(at);
  } catch {
    return '';
  }
}
