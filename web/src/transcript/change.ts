import type { Segment, Word } from '../lib/api/client';
import { shownSegment } from '../lib/masked';
import { joinedOrigin, withEdit } from './origin';

/**
 * What the page shows of a change before the server has answered: the same texts, and times that are near enough for
 * the moment.
 */
export function withText(s: Segment, text: string): Segment {
  return { ...withEdit(s), text, words: [], masked_text: undefined };
}

/** `text` cut before `caret`, or null when one side would have no words. */
export function splitText(text: string, caret: number): [string, string] | null {
  const sides: [string, string] = [normalizeSpace(text.slice(0, caret)), normalizeSpace(text.slice(caret))];
  return sides[0] && sides[1] ? sides : null;
}

export const normalizeSpace = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** The caret's offset in Unicode code points, as the server counts. */
export const codePoints = (text: string, caret: number): number => [...text.slice(0, caret)].length;

/** The two halves of a segment; the second one is `id`. */
export function splitSegment(s: Segment, [left, right]: [string, string], id: string): [Segment, Segment] {
  const share = left.length / (left.length + right.length);
  const whole = `${left} ${right}` === s.text ? s : withEdit(s);
  const middle = Math.round(s.start_ms + (s.end_ms - s.start_ms) * share);
  return [
    { ...whole, masked_text: undefined, text: left, end_ms: middle, words: [] },
    { ...whole, masked_text: undefined, id, text: right, start_ms: middle, words: [], version: 0 },
  ];
}

/** Joins two segments; the result has the id of the first. */
export function joinSegments(a: Segment, b: Segment): Segment {
  const words: Word[] = a.words.length > 0 && b.words.length > 0 ? [...a.words, ...b.words] : [];
  const { origin, edited_by, edited_at } = joinedOrigin(a, b);
  const masked_text = (a.masked_text ?? b.masked_text) ? `${shownSegment(a).text} ${shownSegment(b).text}`.trim() : undefined;
  const end_ms = Math.max(a.end_ms, b.end_ms);
  return {
    ...a,
    text: `${a.text} ${b.text}`.trim(),
    end_ms,
    speaker: a.speaker ?? b.speaker,
    words,
    masked_text,
    origin,
    edited_by,
    edited_at,
  };
}
