import { serverNow } from './serverClock';

/** The IANA name of this browser's time zone; UTC when it will not say. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
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
