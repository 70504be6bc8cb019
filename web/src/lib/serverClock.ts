let offset: number | null = null; // ms that the server's clock is ahead of performance.now()

/** Learns the server's time from the Date header of an answer that has just come. */
export function learnServerTime(response: Response): void {
  const at = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(at) || response.headers.has('age')) return; // an answer from a cache tells an old time
  const half = 500; // ms: the header has whole seconds
  const now = at + half - performance.now();
  const tolerance = 1500; // ms: the header's rounding and the way here; no jumps for these
  if (offset === null || Math.abs(now - offset) > tolerance) offset = now;
}

/** The present by the server's clock, in ms since 1970: the visitor's own may be hours off. Until an answer has come it is the visitor's. */
export function serverNow(): number {
  return offset === null ? Date.now() : Math.round(offset + performance.now());
}

/** The present by the server's clock (RFC 3339). */
export const serverNowISO = (): string => new Date(serverNow()).toISOString();

/** Forgets what was learned; for tests. */
export function forgetServerTime(): void {
  offset = null;
}
