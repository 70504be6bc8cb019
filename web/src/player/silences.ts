import type { Span } from './timeline';

/** What is left of a silence before it is worth a jump: shorter ones would only stutter. Seconds. */
export const minSilence = 0.4;

/** The end of the silence at `t`, when it is worth a jump; else null. */
export function silenceEnd(silences: readonly Span[], t: number): number | null {
  const here = silences.find((s) => s.start <= t && t < s.end);
  return here && here.end - t >= minSilence ? here.end : null;
}

/** How many seconds of a part are silence. */
export function silenceWithin(silences: readonly Span[], part: Span): number {
  return silences.reduce((sum, s) => sum + Math.max(0, Math.min(s.end, part.end) - Math.max(s.start, part.start)), 0);
}

/**
 * `t` moved by seconds of speech: going back lands before a silence and not in it, where playback would
 * only be thrown forward again.
 */
export function skipSpoken(silences: readonly Span[], t: number, by: number): number {
  let to = t + by;
  if (by >= 0) {
    for (const s of silences) if (s.end > t && s.start <= to) to += s.end - Math.max(s.start, t);
    return to;
  }
  for (const s of silences.toReversed()) if (s.start < t && s.end >= to) to -= Math.min(s.end, t) - s.start;
  return to;
}
