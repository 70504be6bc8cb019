import { parseInline, type Token } from '../lib/markdown';

/** A comment's words without formatting, for a single line of text. */
export function plainText(body: string): string {
  return words(parseInline(body)).replace(/\s+/g, ' ').trim();
}

function words(tokens: Token[]): string {
  return tokens
    .map((t) => {
      if ('children' in t) return words(t.children);
      if (t.type === 'mention') return `@${t.name}`;
      return t.type === 'break' ? ' ' : t.text;
    })
    .join('');
}
