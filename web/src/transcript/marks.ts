import type { Segment } from '../lib/api/client';
import { shownWord } from '../lib/masked';

/** Confidence below which a word is marked. */
export const minProbability = 0.6;

export const isUnsure = (w: { p: number | null }): boolean => w.p !== null && w.p < minProbability;

/** Whether most words of a line have a time that nobody heard them at. */
export function hasEstimatedTimes(s: Segment): boolean {
  return s.words.length > 0 && s.words.filter((w) => w.estimated).length * 2 > s.words.length;
}

/** The words that the glossary wrote, by their place, with what the engine had written. */
export function glossaryReplacements(s: Segment): Map<number, string> {
  const out = new Map<number, string>();
  s.words.forEach((w, i) => {
    if (!w.heard) return;
    const text = w.heard.words.map(shownWord).join(' ');
    for (let k = 0; k < w.heard.span; k++) out.set(i + k, text);
  });
  return out;
}

/** How many places of a transcript the glossary wrote. */
export const countReplacements = (segments: readonly Segment[]): number =>
  segments.reduce((n, s) => n + s.words.filter((w) => w.heard).length, 0);

type Span = { start_ms: number; end_ms: number };

/** The places of words that are only fillers ("um", "uh"), as the server tells them by their times. */
export function fillersOf(s: Segment, fillers: readonly Span[]): Set<number> {
  const here = fillers.filter((f) => f.start_ms < s.end_ms && f.end_ms > s.start_ms);
  return new Set(s.words.flatMap((w, i) => (here.some((f) => f.start_ms <= w.start_ms && w.end_ms <= f.end_ms) ? [i] : [])));
}
