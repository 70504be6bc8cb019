/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MediaTimeParser, type MediaTime } from './mediaTime';

const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=3'];
const sound = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=3'];
const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10'];
const opus = ['-c:a', 'libopus'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10'];
const fragments = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4'];
const live = ['-f', 'webm', '-live', '1'];

const encode = (...args: string[]) => new Uint8Array(execFileSync('ffmpeg', ['-v', 'error', ...args, '-'], { maxBuffer: 16 << 20 }));
const read = (bytes: Uint8Array) => new MediaTimeParser().append(bytes);

const files: [string, Uint8Array, { video: number | null; audio: boolean }][] = [
  ['WebM with a size of "unknown"', encode(...picture, ...sound, ...vp8, ...opus, ...live), { video: 30, audio: true }],
  ['WebM with sound alone', encode(...sound, ...opus, ...live), { video: null, audio: true }],
  ['MP4', encode(...picture, ...sound, ...h264, '-c:a', 'aac', ...fragments), { video: 30, audio: true }],
  ['MP4 with Opus', encode(...picture, ...sound, ...h264, ...opus, ...fragments), { video: 30, audio: true }],
  ['MP4 with a picture alone', encode(...picture, ...h264, ...fragments), { video: 30, audio: false }],
  ['Ogg', encode(...sound, ...opus, '-f', 'ogg'), { video: null, audio: true }],
];

describe.each(files)('%s', (_, bytes, has) => {
  it('has its three seconds', () => {
    const time = read(bytes);
    expect(time.isKnown).toBe(true);
    expect(Math.abs(time.ms - 3000)).toBeLessThan(150);
    expect(time.video?.samples ?? null).toBe(has.video);
    expect(time.audio !== null).toBe(has.audio);
  });

  it('has the same in whatever parts it comes', () => {
    const whole = read(bytes);
    for (const size of [1, 7, 1000]) {
      const parser = new MediaTimeParser();
      for (let at = 0; at < bytes.length; at += size) parser.append(bytes.subarray(at, at + size));
      expect(parser.time).toEqual(whole);
    }
  });

  it('grows with its bytes and is nothing at its head', () => {
    const parser = new MediaTimeParser();
    const seen = [0];
    for (let at = 0; at < bytes.length; at += 500) seen.push(parser.append(bytes.subarray(at, at + 500)).ms);
    expect(read(bytes.subarray(0, 100)).ms).toBe(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('never throws, hangs or counts nonsense when bytes are wrong', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const broken = mutate(bytes, seed);
      const parser = new MediaTimeParser();
      for (let at = 0; at < broken.length; at += 997) expect(plausible(parser.append(broken.subarray(at, at + 997)))).toBe(true);
    }
  });
});

const plausible = (t: MediaTime) => Number.isFinite(t.ms) && t.ms >= 0 && (t.video?.samples ?? 0) >= 0;

/** A copy with a few bytes overwritten, more of them at the head, and sometimes a part cut out; the same for each seed. */
function mutate(bytes: Uint8Array, seed: number): Uint8Array {
  let state = seed;
  const random = (n: number) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % n;
  const out = bytes.slice();
  for (let i = 0; i < 1 + random(8); i++) out[random(i % 2 ? 600 : out.length)] = [0, 0xff, 1, random(256)][random(4)]!;
  return random(3) ? out : new Uint8Array([...out.subarray(0, random(400)), ...out.subarray(random(out.length))]);
}

it.each<[string, Uint8Array, boolean]>([
  ['nothing', new Uint8Array(), true],
  ['a single byte, as Chromium begins', new Uint8Array([0x1a]), true],
  ['text', new TextEncoder().encode('<!doctype html>'), false],
  ['zeros', new Uint8Array(100), false],
  ['a box shorter than its head', new Uint8Array([0, 0, 0, 8, 102, 116, 121, 112, 0, 0, 0, 3, 109, 111, 111, 118]), false],
  ['sound of MP4 before any fragment', new Uint8Array([0, 0, 0, 8, 102, 116, 121, 112, 0, 0, 0, 9, 109, 100, 97, 116]), false],
])('%s has no time', (_, bytes, isKnown) => {
  const time = read(bytes);
  expect(time.ms).toBe(0);
  expect(time.isKnown).toBe(isKnown);
});
