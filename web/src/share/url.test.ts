// @vitest-environment happy-dom

import { describe, expect, it } from 'vitest';
import { asDownload, embedCode, embedOfPage, mailCode, pageOfEmbed, parseTime, formatQuote, withShare, withTime } from './url';

describe('withTime', () => {
  it.each([
    ['https://t.example/c/X', 93_540, 'https://t.example/c/X?t=93.5'],
    ['https://t.example/c/X?t=4', 3000, 'https://t.example/c/X?t=3'],
    ['https://t.example/c/X?t=4&a=b', 0, 'https://t.example/c/X?a=b'],
    ['https://t.example/c/X?t=4', null, 'https://t.example/c/X'],
    ['https://t.example/s/tok', 60_000, 'https://t.example/s/tok?t=60'],
  ])('%s at %s', (url, ms, want) => expect(withTime(url, ms)).toBe(want));
});

describe('parseTime', () => {
  it.each([
    ['93.5', 93.5],
    ['0', 0],
    ['7s', 7],
    ['1m33s', 93],
    ['1h', 3600],
    ['2m', 120],
    ['1:33', 93],
    ['1:01:33', 3693],
    ['', null],
    [null, null],
    ['abc', null],
    ['-4', null],
    ['1e9', null],
    ['NaN', null],
  ])('%s → %s', (text, want) => expect(parseTime(text)).toBe(want));
  it('reads what withTime writes', () =>
    expect(parseTime(new URL(withTime('https://t.example/c/X', 93_540)).searchParams.get('t'))).toBe(93.5));
});

describe('the link’s token', () => {
  it('is added once, wherever the server left it out', () => {
    expect(withShare('/api/v1/x', 'a b')).toBe('/api/v1/x?share=a%20b');
    expect(withShare('/api/v1/x?v=1', 't')).toBe('/api/v1/x?v=1&share=t');
    expect(withShare('/api/v1/x?share=t', 't')).toBe('/api/v1/x?share=t');
    expect(withShare('/api/v1/x', undefined)).toBe('/api/v1/x');
  });
  it('stays when a file is saved', () => expect(asDownload('/api/v1/x?share=t')).toBe('/api/v1/x?share=t&download=1'));
});

it('leads from the embed to the page', () => expect(pageOfEmbed('https://t.example/embed/tok?t=3')).toBe('https://t.example/s/tok?t=3'));
it('quotes with name, place and link', () =>
  expect(formatQuote(' ask not ', 'Ana', 'Speech', 'https://t.example/c/X?t=8')).toBe(
    '“ask not” — Ana, Speech\nhttps://t.example/c/X?t=8',
  ));

describe('code to put elsewhere', () => {
  const page = 'https://t.example/s/tok';
  it('shows the embed', () => expect(embedOfPage(page)).toBe('https://t.example/embed/tok'));
  it('keeps a title text', () => {
    const code = embedCode(page, '"><script>alert(1)</script>', 640, 360);
    expect(code).not.toContain('<script');
    expect(code).toContain('src="https://t.example/embed/tok" width="640" height="360"');
  });
  it('shows a moving picture in a mail, or the still one of a voice', () => {
    const clip = { id: 'C', title: 'A & B', media: { preview: '/x' } };
    expect(mailCode(page, clip)).toContain('src="https://t.example/api/v1/clips/C/media/preview.webp?share=tok" alt="A &#38; B"');
    expect(mailCode(page, { ...clip, media: { preview: null } })).toContain('/media/share.jpg?share=tok');
  });
});
