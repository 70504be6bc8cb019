/**
 * The little markdown people type in comments, as tokens that a component draws: no HTML is ever made from
 * what a person wrote. Known: **bold**, *italic*, `code`, http(s) links, @[name](user id), bare times (1:23), line breaks.
 */
export type Token =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'strong'; children: Token[] }
  | { type: 'em'; children: Token[] }
  | { type: 'link'; href: string; text: string }
  | { type: 'mention'; id: string; name: string }
  | { type: 'time'; ms: number; text: string }
  | { type: 'break' };

const maxDepth = 4; // levels of bold in italic in bold

const rules: { at: RegExp; make: (m: RegExpExecArray, depth: number) => Token | null }[] = [
  { at: /`([^`\n]+)`/y, make: (m) => ({ type: 'code', text: m[1]! }) },
  {
    at: /\*\*(?=\S)([^\n]+?)(?<=\S)\*\*/y,
    make: (m, d) => (d < maxDepth ? { type: 'strong', children: parseInline(m[1]!, d + 1) } : null),
  },
  { at: /\*(?=[^\s*])([^*\n]+?)(?<=\S)\*/y, make: (m, d) => (d < maxDepth ? { type: 'em', children: parseInline(m[1]!, d + 1) } : null) },
  { at: /@\[([^\]\n]{1,100})\]\(([0-9A-Z]{26})\)/uy, make: (m) => ({ type: 'mention', name: m[1]!, id: m[2]! }) },
  { at: /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/y, make: (m) => linkToken(m[0]) },
  {
    at: /(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?![\d:])/y,
    make: (m) => ({ type: 'time', text: m[0], ms: (Number(m[1] ?? 0) * 3600 + Number(m[2]) * 60 + Number(m[3])) * 1000 }),
  },
  { at: /\r?\n/y, make: () => ({ type: 'break' }) },
];
const interesting = /[`*@h\d\n\r]/g;
const wordBefore = /[\p{L}\p{N}:]/u;

function linkToken(url: string): Token | null {
  return URL.canParse(url) ? { type: 'link', href: new URL(url).href, text: url } : null;
}

/** Tokens of one comment. */
export function parseInline(source: string, depth = 0): Token[] {
  const out: Token[] = [];
  let plain = 0; // where text not yet given out begins
  interesting.lastIndex = 0;
  for (let i = nextToken(source, 0); i < source.length; i = nextToken(source, i)) {
    const found = tokenAt(source, i, depth);
    if (!found) {
      i++;
      continue;
    }
    if (plain < i) out.push({ type: 'text', text: source.slice(plain, i) });
    out.push(found.token);
    i = plain = found.end;
  }
  if (plain < source.length) out.push({ type: 'text', text: source.slice(plain) });
  return out;
}

function nextToken(source: string, from: number): number {
  interesting.lastIndex = from;
  return interesting.exec(source)?.index ?? source.length;
}

function tokenAt(source: string, i: number, depth: number): { token: Token; end: number } | null {
  for (const { at, make } of rules) {
    at.lastIndex = i;
    const m = at.exec(source);
    if (!m) continue;
    const midWord = i > 0 && /[\dh]/.test(source[i]!) && wordBefore.test(source[i - 1]!);
    const token = midWord ? null : make(m, depth);
    if (token) return { token, end: i + m[0].length };
  }
  return null;
}
