import { expect, it } from 'vitest';
import { FragmentShift } from './fragmentShift';

const number = (n: number, size: number) => Array.from({ length: size }, (_, i) => Math.floor(n / 256 ** (size - 1 - i)) % 256);
const box = (type: string, ...body: number[][]): number[] => {
  const content = body.flat();
  return [...number(content.length + 8, 4), ...[...type].map((c) => c.charCodeAt(0)), ...content];
};
const word = (s: string) => [...s].map((c) => c.charCodeAt(0));
const track = (id: number, scale: number, kind: string) =>
  box(
    'trak',
    box('tkhd', number(0, 4), number(0, 8), number(id, 4)),
    box('mdia', box('mdhd', number(0, 4), number(0, 8), number(scale, 4)), box('hdlr', number(0, 8), word(kind))),
  );
const head = (video: number, audio: number) => [
  ...box('ftyp', number(0, 4)),
  ...box('moov', track(video, 30_000, 'vide'), track(audio, 48_000, 'soun')),
];
const wideTimes = number(0x0100_0000, 4); // version 1: 64 bits
const fragment = (video: number, audio: number, [v, a] = [1, 2]) => [
  ...box(
    'moof',
    box('mfhd', number(0, 8)),
    box('traf', box('tfhd', number(0x020000, 4), number(v!, 4)), box('tfdt', wideTimes, number(video, 8))),
    box('traf', box('tfhd', number(0x020000, 4), number(a!, 4)), box('tfdt', number(0, 4), number(audio, 4))),
  ),
  ...box('mdat', [9, 8, 7, 6, 5]),
];
// the sound came first this time
const second = [...head(2, 1), ...fragment(0, 100, [2, 1]), ...fragment(60_000, 96_100, [2, 1]), ...box('mfra', number(1, 4))];

it.each([1, 7, 64, 1000])('goes on where the first file ended, in pieces of %i bytes', (size) => {
  const shift = new FragmentShift(new Uint8Array([...head(1, 2), ...fragment(0, 0)]), 4000);
  const out: number[] = [];
  for (let at = 0; at < second.length; at += size) out.push(...shift.shift(new Uint8Array(second.slice(at, at + size))));
  // 4 s are 120,000 ticks of the picture and 192,000 of the sound; the head and the index at the end are left out
  expect(out).toEqual([...fragment(120_000, 192_100), ...fragment(180_000, 288_100)]);
});

it('leaves fragments out that the first file has too', () => {
  const shift = new FragmentShift(new Uint8Array([...head(1, 2), ...fragment(0, 0)]), 4000, 1500);
  expect([...shift.shift(new Uint8Array(second))]).toEqual(fragment(180_000, 288_100));
});
