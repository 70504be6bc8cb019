import { describe, expect, it } from 'vitest';
import type { Segment } from '../lib/api/client';
import { cueAt, buildCues } from './cues';

/** Words of half a second each; "|" is a pause of one second. */
function said(script: string, from = 0): Segment {
  let at = from;
  const words = [];
  for (const text of script.split(' ')) {
    if (text === '|') at += 1000;
    else words.push({ text, start_ms: at, end_ms: (at += 400), p: null });
  }
  return {
    id: String(from),
    start_ms: from,
    end_ms: at,
    text: words.map((w) => w.text).join(' '),
    speaker: null,
    language: null,
    version: 1,
    origin: 'machine',
    edited_by: null,
    edited_at: null,
    words,
  };
}
const texts = (...segments: Segment[]) => buildCues(segments).map((c) => c.lines.join('/'));

describe('cuesOf', () => {
  it('keeps a short sentence whole', () => expect(texts(said('And so my fellow Americans'))).toEqual(['And so my fellow Americans']));
  it('breaks at a pause', () => expect(texts(said('And so | my fellow'))).toEqual(['And so', 'my fellow']));
  it('has at most two lines of 42 characters and six seconds', () => {
    const cues = buildCues([said(Array.from({ length: 80 }, (_, i) => `word${i}`).join(' '))]);
    expect(cues.length).toBeGreaterThan(4);
    for (const c of cues) {
      expect(c.lines.length).toBeLessThanOrEqual(2);
      for (const line of c.lines) expect(line.length).toBeLessThanOrEqual(42);
      expect(c.end - c.start).toBeLessThanOrEqual(6);
    }
    expect(
      cues
        .flatMap((c) => c.lines)
        .join(' ')
        .split(' '),
    ).toHaveLength(80); // nothing is lost
  });
  it('starts anew after a full stop once there is something to read', () =>
    expect(texts(said('We shipped the invite screen. Next week follows more'))).toEqual([
      'We shipped the invite screen.',
      'Next week follows more',
    ]));
  it('does not cut a word that is longer than a line', () => expect(texts(said('x'.repeat(60)))).toEqual(['x'.repeat(60)]));
  it('never overlaps the next one, and lingers when nobody speaks', () => {
    const [a, b] = buildCues([said('one'), said('two', 600)]);
    expect(a?.end).toBe(b?.start);
    expect(b?.end).toBeCloseTo(1.8);
  });
  it('spreads a segment without word times', () => {
    const bare = { ...said('aaaa bbbb'), words: [] };
    expect(buildCues([bare])[0]).toMatchObject({ start: 0, lines: ['aaaa bbbb'] });
  });
  it('puts segments that came in another order right', () => expect(texts(said('later', 5000), said('first'))).toEqual(['first', 'later']));
  it('has none for silence', () => expect(buildCues([])).toEqual([]));
});

describe('cueAt', () => {
  const cues = buildCues([said('one'), said('two', 3000)]);
  it.each([
    [0, 'one'],
    [0.39, 'one'],
    [1.1, 'one'],
    [1.3, undefined],
    [3, 'two'],
    [99, undefined],
    [-1, undefined],
  ])('at %s: %s', (t, want) => expect(cueAt(cues, t)?.lines[0]).toBe(want));
});
