import { describe, expect, it } from 'vitest';
import { parseStoryboard, tileAt } from './storyboard';

const vtt = `WEBVTT

00:00:00.000 --> 00:00:02.000
storyboard.jpg#xywh=0,0,160,90

00:00:02.000 --> 00:00:04.000
storyboard.jpg#xywh=160,0,160,90

01:00:04.500 --> 01:00:06.000
storyboard.jpg#xywh=0,90,160,90
`;

describe('storyboard', () => {
  it('reads times and places', () => {
    const tiles = parseStoryboard(vtt);
    expect(tiles).toHaveLength(3);
    expect(tiles[1]).toEqual({ start: 2, end: 4, x: 160, y: 0, w: 160, h: 90 });
    expect(tiles[2]?.start).toBe(3604.5);
  });
  it('reads hours left out and Windows line ends', () =>
    expect(parseStoryboard('WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\na.jpg#xywh=1,2,3,4\r\n')).toEqual([
      { start: 1, end: 2, x: 1, y: 2, w: 3, h: 4 },
    ]));
  it('skips what is no storyboard', () => {
    expect(parseStoryboard('')).toEqual([]);
    expect(parseStoryboard('WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHello there\n')).toEqual([]);
    expect(parseStoryboard('{"code":"not_ready"}')).toEqual([]);
  });
  it.each([
    [0, 0],
    [1.99, 0],
    [2, 2],
    [3000, 2],
    [9999, 3604.5],
    [-1, 0],
  ])('at %s shows the picture of %s', (t, start) => expect(tileAt(parseStoryboard(vtt), t)?.start).toBe(start));
  it('has none when there is none', () => expect(tileAt([], 3)).toBeUndefined());
});
