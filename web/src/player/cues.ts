import type { Segment, Word } from '../lib/api/client';
import { shownSegment } from '../lib/masked';

/** A caption as it is drawn: at most two lines. Times are seconds. */
export interface Cue {
  start: number;
  end: number;
  lines: string[];
}

// Plain measures, for a transcript that is still being written and where the server's cues did not load (servedCues.svelte.ts).
const lineLength = 42; // characters
const maxLines = 2;
const maxDuration = 6; // seconds
const maxPause = 0.3; // a pause over which a caption does not reach
const minLinger = 0.8; // how long the last words stay when nobody speaks
const maxLinger = 1.5; // and how long to be read: BBC subtitle guidelines, 5.2
const secondsPerWord = 0.375; // to read a word, 160 a minute: 4.1

/** Captions cut from words: they break at pauses, at full stops, and where two lines or six seconds are full. */
export function buildCues(segments: readonly Segment[]): Cue[] {
  const out: Cue[] = [];
  for (const s of segments.map(shownSegment)) {
    const words = s.words.length > 0 ? s.words : estimateWordTimes(s);
    let open: Word[] = [];
    for (const w of words) {
      if (open.length > 0 && !fitsCue(open, w)) {
        out.push(buildCue(open));
        open = [];
      }
      open.push(w);
    }
    if (open.length > 0) out.push(buildCue(open));
  }
  out.sort((a, b) => a.start - b.start);
  return out.map((c, i) => ({ ...c, end: Math.min(displayEnd(c), out[i + 1]?.start ?? Infinity) })).filter((c) => c.end > c.start);
}

/** How long a caption stays if the next one lets it. */
function displayEnd(c: Cue): number {
  const words = c.lines.reduce((n, l) => n + l.split(' ').length, 0);
  return Math.max(c.end + minLinger, Math.min(c.start + words * secondsPerWord, c.end + maxLinger));
}

/** The cue at a time (seconds). Cues are in time order and do not overlap. */
export function cueAt(cues: readonly Cue[], t: number): Cue | undefined {
  let low = 0;
  let high = cues.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const c = cues[mid]!;
    if (t < c.start) high = mid - 1;
    else if (t >= c.end) low = mid + 1;
    else return c;
  }
  return undefined;
}

/** A segment that has no word times: its words over its length, each as long as it has letters. */
function estimateWordTimes(s: Segment): Word[] {
  const texts = s.text.split(/\s+/).filter(Boolean);
  const letters = texts.reduce((n, t) => n + t.length, 0) || 1;
  let at = s.start_ms;
  return texts.map((text) => {
    const start = at;
    at += ((s.end_ms - s.start_ms) * text.length) / letters;
    return { start_ms: Math.round(start), end_ms: Math.round(at), text, p: null };
  });
}

function fitsCue(open: Word[], next: Word): boolean {
  const first = open[0]!;
  const last = open.at(-1)!;
  if (next.start_ms - last.end_ms > maxPause * 1000 || next.end_ms - first.start_ms > maxDuration * 1000) return false;
  if (/[.!?…]["”’)]?$/.test(last.text) && joinWords(open).length > lineLength / 2) return false;
  return wrapLines([...open, next]).length <= maxLines;
}

const joinWords = (words: Word[]) => words.map((w) => w.text).join(' ');

/** Greedy lines; a word longer than a line has one of its own. */
function wrapLines(words: Word[]): string[] {
  const lines: string[] = [];
  for (const w of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + w.text.length <= lineLength) lines[lines.length - 1] = `${last} ${w.text}`;
    else lines.push(w.text);
  }
  return lines;
}

function buildCue(words: Word[]): Cue {
  return { start: words[0]!.start_ms / 1000, end: words.at(-1)!.end_ms / 1000, lines: wrapLines(words) };
}
