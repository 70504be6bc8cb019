import type { Segment, Word } from './api/client';

/**
 * A line as it is shown. Where the workspace masks profane words, the server sends others only the masked ones; those who
 * may edit get both, and only their editor shows what is stored.
 */
export function shownSegment(s: Segment): Segment {
  if (s.masked_text === undefined) return s;
  return { ...s, text: s.masked_text, words: s.words.map((w) => ({ ...w, text: shownWord(w) })) };
}

/** A word as it is shown. */
export const shownWord = (w: Word): string => w.masked ?? w.text;
