import type { Segment } from '../lib/api/client';

/** Confidence below which a word is marked. */
export const least = 0.6;

export const unsure = (w: { p: number | null }): boolean => w.p !== null && w.p < least;

/** Whether most words of a line have a time that nobody heard them at. */
export function estimated(s: Segment): boolean {
  return s.words.length > 0 && s.words.filter((w) => w.estimated).length * 2 > s.words.length;
}

/** The words that the glossary wrote, by their place, with what the engine had written. */
export function heardAs(s: Segment): Map<number, string> {
  const out = new Map<number, string>();
  s.words.forEach((w, i) => {
    if (!w.heard) return;
    const text = w.heard.words.map((h) => h.text).join(' ');
    for (let k = 0; k < w.heard.span; k++) out.set(i + k, text);
  });
  return out;
}

/** How many places of a transcript the glossary wrote. */
export const glossed = (segments: readonly Segment[]): number => segments.reduce((n, s) => n + s.words.filter((w) => w.heard).length, 0);
