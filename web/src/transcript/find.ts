import type { Segment } from '../lib/api/client';
import { foldText } from '../lib/fold';
import { shownSegment } from '../lib/masked';

/** A hit: words `from` to `to` (inclusive) of a segment. */
export interface Match {
  segment: string;
  from: number;
  to: number;
}

/** The words of a segment as they are drawn: with their times, or cut from an edited text that has none. */
export function wordsOf(stored: Segment): { text: string; start_ms: number; end_ms: number; p: number | null }[] {
  const s = shownSegment(stored);
  if (s.words.length > 0) return s.words;
  return s.text
    .split(/\s+/)
    .filter(Boolean)
    .map((text) => ({ text, start_ms: s.start_ms, end_ms: s.end_ms, p: null }));
}

/**
 * Where the query is said, in time order. The words of the query must follow each other; the last one may be only
 * begun. A hit does not reach from one segment into the next.
 */
export function findMatches(segments: readonly Segment[], query: string): Match[] {
  const wanted = foldText(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const out: Match[] = [];
  for (const s of segments) {
    const heard = wordsOf(s)
      .map((w, i) => ({ i, text: foldText(w.text) }))
      .filter((w) => w.text);
    for (let at = 0; at + wanted.length <= heard.length; at++) {
      if (!matchesAt(heard, at, wanted)) continue;
      out.push({ segment: s.id, from: heard[at]!.i, to: heard[at + wanted.length - 1]!.i });
      at += wanted.length - 1;
    }
  }
  return out;
}

function matchesAt(heard: { text: string }[], at: number, wanted: string[]): boolean {
  return wanted.every((word, n) => {
    const text = heard[at + n]!.text;
    if (wanted.length === 1) return text.includes(word);
    if (n === 0) return text.endsWith(word);
    return n === wanted.length - 1 ? text.startsWith(word) : text === word;
  });
}

/** The hit to go to: the next one after `t` seconds, or round to the first. -1 without hits. */
export function nearestMatch(found: readonly Match[], segments: readonly Segment[], t: number): number {
  if (found.length === 0) return -1;
  const times = new Map(segments.map((s) => [s.id, s]));
  const i = found.findIndex((f) => {
    const s = times.get(f.segment);
    return s !== undefined && (wordsOf(s)[f.from]?.start_ms ?? s.start_ms) / 1000 >= t;
  });
  return Math.max(0, i);
}

/** The hits of each segment that has any. */
export function groupBySegment(found: readonly Match[]): Map<string, Match[]> {
  const out = new Map<string, Match[]>();
  for (const f of found) out.set(f.segment, [...(out.get(f.segment) ?? []), f]);
  return out;
}
