import { filters, keys, type Key } from './filters';

/** A filter of a query: `from:"Ana Maria"` is {key: 'from', value: 'Ana Maria'}. */
export interface Chip {
  key: Key;
  value: string;
}

interface Token {
  text: string;
  start: number;
  end: number;
}

const plain = (text: string) => text.replace(/[“”„«»]/g, '"');

/** Words, "phrases" and filters, as the server cuts a query up: a quote behind a colon belongs to the word before it. */
function tokens(text: string): Token[] {
  const out: Token[] = [];
  const token = /-?"[^"]*(?:"|$)|(?:[^\s:]|:(?!"))+:"[^"]*(?:"|$)|\S+/gu;
  for (const m of plain(text).matchAll(token)) out.push({ text: m[0], start: m.index, end: m.index + m[0].length });
  return out;
}

function chipOf(token: string): Chip | null {
  const at = token.indexOf(':');
  const key = keys.find((k) => k === token.slice(0, at).toLowerCase());
  const value = token
    .slice(at + 1)
    .replaceAll('"', '')
    .trim();
  return at > 0 && key && value ? { key, value } : null;
}

/** A chip as it is written into a query. */
export function written(c: Chip): string {
  return /\s/.test(c.value) ? `${c.key}:"${c.value}"` : `${c.key}:${c.value}`;
}

/** Takes the filters out of a text. With `typing`, one that nothing follows yet is still being written and stays. */
export function split(text: string, typing = false): { chips: Chip[]; words: string } {
  const chips: Chip[] = [];
  let words = '';
  let from = 0;
  for (const t of tokens(text)) {
    const chip = chipOf(t.text);
    if (!chip || (typing && t.end === text.length && !closed(t.text))) continue;
    if (!chips.some((c) => same(c, chip))) chips.push(chip); // written twice, it is one filter
    words += text.slice(from, t.start);
    from = t.end + (/\s/.test(text[t.end] ?? '') ? 1 : 0);
  }
  return { chips, words: from === 0 ? text : words + text.slice(from) };
}

/** `from:"Ana Maria"` is complete when its quote is closed. */
const closed = (token: string) => /:".+"$/.test(token);

/** The query as it is sent: what is still being written as a filter means nothing yet and is left out. */
export function join(chips: Chip[], words: string): string {
  return [...chips.map(written), words.trim()].filter(Boolean).join(' ');
}

/** The filter at the end of the words that is still being written, and the words before it. */
export function open(words: string): { key: Key; value: string; before: string } | null {
  const last = tokens(words).at(-1);
  if (!last || last.end !== words.length || last.text.startsWith('"') || last.text.startsWith('-')) return null;
  const at = last.text.indexOf(':');
  const key = at > 0 ? keys.find((k) => k === last.text.slice(0, at).toLowerCase()) : undefined;
  return key ? { key, value: last.text.slice(at + 1).replaceAll('"', ''), before: words.slice(0, last.start) } : null;
}

/** Adds a filter. Of most kinds there is one at a time; dates, places and states add up. */
export function put(chips: Chip[], chip: Chip): Chip[] {
  const several = filters[chip.key].repeats;
  const channel = (c: Chip) => c.key === 'in' && c.value.startsWith('#');
  const rest = chips.filter((c) => c.key !== chip.key || (several && c.value !== chip.value && !(channel(c) && channel(chip))));
  return [...rest, chip];
}

export const same = (a: Chip, b: Chip) => a.key === b.key && a.value === b.value;

/** What stands between two characters (Unicode code points) of a query, as a problem points at it. */
export function between(text: string, start: unknown, end: unknown): string {
  const [a, b] = [Number(start), Number(end)];
  return Number.isInteger(a) && Number.isInteger(b) ? [...text].slice(a, b).join('') : '';
}
