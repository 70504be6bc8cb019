import type { Segment } from '../lib/api/client';
import { wordsOf } from './find';

/** What is selected of the transcript: its text, and when it begins to be said. */
export interface SelectedText {
  text: string;
  ms: number;
}

/** The selection within `list`, cut to whole words; null when it holds none. */
export function selectedText(selection: Selection | null, list: HTMLElement, segments: readonly Segment[]): SelectedText | null {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(list)) return null;
  const words = [...list.querySelectorAll<HTMLElement>('.w')].filter((w) => overlaps(range, w));
  const first = words[0];
  if (!first) return null;
  const id = first.closest<HTMLElement>('[data-segment]')?.dataset.segment;
  const s = segments.find((x) => x.id === id);
  if (!s) return null;
  return { text: words.map((w) => w.textContent).join(' '), ms: wordsOf(s)[Number(first.dataset.i)]?.start_ms ?? s.start_ms };
}

/** More than the edge of the word is in the range. */
function overlaps(range: Range, word: HTMLElement): boolean {
  if (!range.intersectsNode(word)) return false;
  const own = document.createRange();
  own.selectNodeContents(word);
  return range.compareBoundaryPoints(Range.END_TO_START, own) < 0 && range.compareBoundaryPoints(Range.START_TO_END, own) > 0;
}
