/// <reference types="node" />
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ClusterShift } from './clusterShift';

/** A file as a browser's MediaRecorder wrote it: 1.5 s in parts of 0.3 s. */
const golden = (name: string) => new Uint8Array(readFileSync(`src/recorder/testdata/${name}.webm`));

const encode = (...args: string[]) => new Uint8Array(execFileSync('ffmpeg', ['-v', 'error', ...args, '-'], { maxBuffer: 16 << 20 }));
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=2'];
const sound = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'];
const codecs = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10', '-c:a', 'libopus'];
const live = encode(...picture, ...sound, ...codecs, '-f', 'webm', '-live', '1');
/** Clusters of known sizes, an index and tags at the end, and the sound is track 1. */
const indexed = encode(...picture, ...sound, '-map', '1', '-map', '0', ...codecs, '-f', 'webm', '-cluster_time_limit', '500');

const pairs: [string, Uint8Array, Uint8Array][] = [
  ['Chromium, picture and sound', golden('chromium-picture-1'), golden('chromium-picture-2')],
  ['Chromium, sound', golden('chromium-sound-1'), golden('chromium-sound-2')],
  ['Firefox, picture and sound', golden('firefox-picture-1'), golden('firefox-picture-2')],
  ['Firefox, sound', golden('firefox-sound-1'), golden('firefox-sound-2')],
  ['a live file, then one of known sizes with its tracks the other way round', live, indexed],
];

interface Packet {
  codec_type: string;
  pts_time: string;
  size: string;
}
const START_MS = 4321;

function packets(file: Uint8Array): { kind: string; ms: number; size: string }[] {
  const args = ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time,size', '-of', 'json', '-'];
  const out = execFileSync('ffprobe', args, { input: file, encoding: 'utf8', maxBuffer: 16 << 20 });
  return (JSON.parse(out) as { packets: Packet[] }).packets.map((p) => ({
    kind: p.codec_type,
    ms: Math.round(Number(p.pts_time) * 1000),
    size: p.size,
  }));
}

function join(first: Uint8Array, second: Uint8Array, size: number): Uint8Array {
  const shift = new ClusterShift(first.slice(0, 64 << 10), START_MS);
  const out = [...first];
  for (let at = 0; at < second.length; at += size) out.push(...shift.shift(second.subarray(at, at + size)));
  return new Uint8Array(out);
}

describe.each(pairs)('%s', (_, first, second) => {
  const whole = join(first, second, 1 << 20);

  it('has all of both, the second as much later as was said', () => {
    const ofKind = (file: Uint8Array, kind: string) => packets(file).filter((p) => p.kind === kind);
    for (const kind of ['video', 'audio']) {
      const later = ofKind(second, kind).map((p) => ({ ...p, ms: p.ms + START_MS }));
      expect(ofKind(whole, kind)).toEqual([...ofKind(first, kind), ...later]);
    }
    expect(packets(second).length).toBeGreaterThan(20);
  });

  it('decodes without a complaint', () => {
    const args = ['-v', 'warning', '-i', '-', '-fps_mode', 'vfr', '-f', 'null', '-'];
    const { stderr, status } = spawnSync('ffmpeg', args, { input: whole, encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it.each([1, 7, 1000])('is the same in pieces of %i bytes', (size) => {
    expect(Buffer.compare(join(first, second, size), whole)).toBe(0);
  });
});

const element = (id: number[], ...content: number[][]) => {
  const body = content.flat();
  return [...id, 0x10, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff, ...body];
};
const unknown = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const track = (number: number[], kind: number) => element([0xae], element([0xd7], number), element([0x83], [kind]));
const fileOf = (...tracks: number[][]) => [
  ...element([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x86, 0x81, 1]),
  ...[0x18, 0x53, 0x80, 0x67, ...unknown],
  ...element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], [0x0f, 0x42, 0x40])),
  ...element([0x16, 0x54, 0xae, 0x6b], ...tracks),
];
const block = (number: number[], ms: number) => [...number, (ms >> 8) & 0xff, ms & 0xff, 0x80, 1, 2, 3];
const openCluster = (...content: number[][]) => [0x1f, 0x43, 0xb6, 0x75, ...unknown, ...content.flat()];
const first = new Uint8Array(fileOf(track([5], 1), track([6], 2)));
const wide = (n: number) => Array.from({ length: 8 }, (_, i) => Math.floor(n / 256 ** (7 - i)) % 256);
const timestamp = (n: number) => [0xe7, 0x88, ...wide(n)];

function shiftAll(second: number[], startMs: number): number[] {
  const shift = new ClusterShift(first, startMs);
  return second.flatMap((byte) => [...shift.shift(new Uint8Array([byte]))]);
}

it.each([
  ['one byte', element([0xe7], [200])],
  ['no byte at all, which is zero', [0xe7, 0x80]],
  ['eight bytes', element([0xe7], wide(5_000_000_000))],
])('a timestamp of %s is shifted by any time', (_, given) => {
  const ticks = given.length === 2 ? 0 : given.slice(5).reduce((n, b) => n * 256 + b, 0);
  const out = shiftAll([...fileOf(track([1], 1)), ...openCluster(given)], 90_000_000);
  expect(out).toEqual(openCluster(timestamp(90_000_000 + ticks)));
});

it('blocks get the numbers of the first file’s tracks, in groups too; what belongs to no track of it is left out', () => {
  const second = fileOf(track([1], 2), track([2], 1), track([3], 17));
  const group = (number: number) => element([0xa0], element([0xa1], block([0x80 | number], -20)), element([0x9b], [40]));
  const single = (number: number) => element([0xa3], block([0x40, number], 7));
  const end = [...element([0xa7], [9]), ...element([0xab], [9]), ...element([0x1c, 0x53, 0xbb, 0x6b], [9])]; // Position, PrevSize, Cues
  const out = shiftAll([...second, ...openCluster(element([0xe7], [0]), ...[1, 2, 3].flatMap((n) => [group(n), single(n)]), end)], 100);
  expect(out).toEqual(openCluster(timestamp(100), group(6), single(6), group(5), single(5)));
});

it('keeps nothing but the beginning of an element, however large it is', () => {
  const shift = new ClusterShift(first, 0);
  const size = 32 << 20;
  const head = [...fileOf(track([1], 1)), ...openCluster(element([0xe7], [0])), 0xa3, 0x08, 0, 0, 0, 0];
  head.splice(-4, 4, ...[24, 16, 8, 0].map((by) => (size >> by) & 0xff));
  shift.shift(new Uint8Array([...head, 0x81, 0, 0, 0x80]));
  const piece = new Uint8Array(1 << 20);
  for (let given = 0; given < size - piece.length; given += piece.length) expect(shift.shift(piece).length).toBe(piece.length);
});

it.each(pairs)('what the first file has too can be left out: %s', (_, first, second) => {
  const shift = new ClusterShift(first.slice(0, 64 << 10), START_MS, 700);
  const whole = new Uint8Array([...first, ...shift.shift(second)]);
  const rest = packets(whole).slice(packets(first).length);
  const later = packets(second).map((p) => ({ ...p, ms: p.ms + START_MS }));
  for (const kind of ['video', 'audio']) {
    const left = rest.filter((p) => p.kind === kind);
    expect(later.filter((p) => p.kind === kind).slice(-left.length || Infinity)).toEqual(left);
    for (const { ms } of left) expect(ms - START_MS).toBeGreaterThan(675); // ffprobe takes the codec's delay off
  }
  const [sound] = rest.filter((p) => p.kind === 'audio');
  expect(sound!.ms - START_MS).toBeLessThan(800);
});

it('a picture that is left out goes on at a key frame', () => {
  const shift = new ClusterShift(first, 100, 30);
  const blockAt = (number: number, ms: number, key: boolean) => element([0xa3], [0x80 | number, 0, ms, key ? 0x80 : 0, 1, 2, 3]);
  const blocks = (number: [number, number]) => [
    blockAt(number[0], 0, true),
    blockAt(number[1], 20, true),
    blockAt(number[0], 33, false),
    blockAt(number[1], 40, true),
    blockAt(number[0], 66, true),
    blockAt(number[0], 99, false),
  ];
  const out = [
    ...shift.shift(new Uint8Array([...fileOf(track([1], 1), track([2], 2)), ...openCluster(element([0xe7], [0]), ...blocks([1, 2]))])),
  ];
  expect(out).toEqual(openCluster(timestamp(100), ...blocks([5, 6]).slice(3)));
});
