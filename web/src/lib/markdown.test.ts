import { describe, expect, test } from 'vitest';
import { parseInline, type Token } from './markdown';

const text = (t: string): Token => ({ type: 'text', text: t });

describe('tokens', () => {
  const cases: [string, string, Token[]][] = [
    ['plain text', 'hello', [text('hello')]],
    [
      'bold and italic',
      'a **b** *c*',
      [text('a '), { type: 'strong', children: [text('b')] }, text(' '), { type: 'em', children: [text('c')] }],
    ],
    ['italic in bold', '**a *b* c**', [{ type: 'strong', children: [text('a '), { type: 'em', children: [text('b')] }, text(' c')] }]],
    ['code holds what it holds', '`**a** <b>`', [{ type: 'code', text: '**a** <b>' }]],
    [
      'a link without the full stop behind it',
      'see https://a.example/x?y=1.',
      [text('see '), { type: 'link', href: 'https://a.example/x?y=1', text: 'https://a.example/x?y=1' }, text('.')],
    ],
    [
      'a mention',
      'hi @[Ana Lima](01ARZ3NDEKTSV4RRFFQ69G5FAV)',
      [text('hi '), { type: 'mention', name: 'Ana Lima', id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }],
    ],
    [
      'times',
      'at 1:23, then 1:02:03',
      [text('at '), { type: 'time', ms: 83_000, text: '1:23' }, text(', then '), { type: 'time', ms: 3_723_000, text: '1:02:03' }],
    ],
    ['line breaks', 'a\r\nb\nc', [text('a'), { type: 'break' }, text('b'), { type: 'break' }, text('c')]],
    ['nothing', '', []],
  ];
  test.each(cases)('%s', (_, source, tokens) => expect(parseInline(source)).toEqual(tokens));
});

test.each([
  'javascript:alert(1)',
  'data:text/html,<script>',
  '**',
  '* a *',
  '`',
  'a*b',
  '12:345',
  'ratio 1:2:3:4:5',
  'xhttps://a.example',
  'https://',
])('%s stays what it is', (source) => {
  const out = parseInline(source);
  expect(out.every((t) => t.type === 'text')).toBe(true);
  expect(out.map((t) => (t.type === 'text' ? t.text : '')).join('')).toBe(source);
});

test('HTML is only text', () => {
  expect(parseInline('<img src=x onerror=alert(1)>')).toEqual([text('<img src=x onerror=alert(1)>')]);
});

function flat(tokens: Token[]): string {
  return tokens
    .map((t) => ('children' in t ? flat(t.children) : t.type === 'break' ? '\n' : t.type === 'mention' ? t.name : t.text))
    .join('');
}

test('ten thousand characters of every kind of nonsense lose nothing', () => {
  for (const part of ['*', '**a', '`', '@[', '1:', 'http://', '[`*_h']) {
    const source = part.repeat(Math.floor(10_000 / part.length));
    expect(flat(parseInline(source)).length).toBeGreaterThan(0);
  }
  expect(flat(parseInline('h'.repeat(10_000)))).toBe('h'.repeat(10_000));
});
