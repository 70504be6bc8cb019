/// <reference types="node" />
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes } from './byteQueue';
import { continueFile } from './continuation';
import { MediaGaps } from './mediaGaps';
import { MediaTimeParser } from './mediaTime';
import { UnitBuffer } from './unitBuffer';

/** Files as a browser's MediaRecorder wrote them. */
const golden = (name: string) => new Uint8Array(readFileSync(`src/recorder/testdata/${name}.webm`));
const encode = (...args: string[]) => new Uint8Array(execFileSync('ffmpeg', ['-v', 'error', ...args, '-'], { maxBuffer: 16 << 20 }));
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=2'];
const sound = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'];
const fragments = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4'];
const mp4 = encode(...picture, ...sound, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '5', '-c:a', 'aac', ...fragments);
const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10', '-c:a', 'libopus'];
/** Clusters of known sizes within a segment that has none. */
const clusters = encode(...picture, ...sound, ...vp8, '-f', 'webm', '-cluster_time_limit', '500').slice();
clusters.set([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], clusters.findIndex((_, i) => isSegment(i)) + 4);
function isSegment(at: number) {
  return [0x18, 0x53, 0x80, 0x67].every((b, i) => clusters[at + i] === b);
}

const files: [string, Uint8Array, Uint8Array][] = [
  ['Chromium, picture and sound', golden('chromium-picture-1'), golden('chromium-picture-2')],
  ['Chromium, sound', golden('chromium-sound-1'), golden('chromium-sound-2')],
  ['Firefox, picture and sound', golden('firefox-picture-1'), golden('firefox-picture-2')],
  ['fragments of MP4', mp4, mp4],
  ['clusters of known sizes', clusters, clusters],
];

/** What a recorder keeps of an encoder that died after `cut` bytes, and of the one that went on at 4.321 s. */
function record(first: Uint8Array, cut: number, second: Uint8Array) {
  const [times, units] = [new MediaTimeParser(), new UnitBuffer()];
  const keep = (bytes: Uint8Array<ArrayBuffer>) => {
    times.append(bytes);
    return units.take(bytes, times.wholeBytes);
  };
  const kept: Uint8Array[] = [];
  for (let at = 0; at < cut; at += 300) kept.push(keep(first.slice(at, Math.min(cut, at + 300))));
  const before = times.time;
  units.drop();
  times.dropIncomplete();
  const { startMs } = new MediaGaps().join(times.time, 4321);
  const continuation = continueFile(concatBytes(kept), startMs)!;
  for (let at = 0; at < second.length; at += 300) kept.push(keep(continuation.shift(second.slice(at, at + 300))));
  return { file: concatBytes(kept), before, time: times.time };
}

interface Packet {
  codec_type: string;
  pts_time: string;
  size: string;
}
function packets(file: Uint8Array): { kind: string; ms: number; size: string }[] {
  const args = ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time,size', '-of', 'json', '-'];
  const out = execFileSync('ffprobe', args, { input: file, encoding: 'utf8', maxBuffer: 16 << 20 });
  return (JSON.parse(out) as { packets: Packet[] }).packets.map((p) => ({
    kind: p.codec_type,
    ms: Math.round(Number(p.pts_time) * 1000),
    size: p.size,
  }));
}
const complaints = (file: Uint8Array) =>
  spawnSync('ffmpeg', ['-v', 'warning', '-i', '-', '-fps_mode', 'vfr', '-f', 'null', '-'], { input: file, encoding: 'utf8' }).stderr;

describe.each(files)('an encoder that dies in the middle: %s', (_, first, second) => {
  const total = packets(first).length;
  const after = packets(second);
  const cuts = [0.5, 0.61, 0.72, 0.83, 0.94].map((part) => Math.floor(first.length * part));

  it.each(cuts)('after %i bytes: nothing of what follows is lost', (cut) => {
    const { file, before, time } = record(first, cut, second);
    const all = packets(file);
    expect(complaints(file)).toBe('');
    for (const kind of ['video', 'audio']) {
      const ofKind = (of: typeof all) => of.filter((p) => p.kind === kind);
      const wanted = ofKind(after).map((p) => ({ ...p, ms: p.ms + 4321 }));
      if (wanted.length > 0) expect(ofKind(all).slice(-wanted.length)).toEqual(wanted);
    }
    expect(all.length - after.length).toBeLessThan(total);
    expect(all.length - after.length).toBe((before.video?.samples ?? 0) + (before.audio?.samples ?? 0));
    expect(all.length).toBe((time.video?.samples ?? 0) + (time.audio?.samples ?? 0));
  });

  it('that is not cut is kept byte for byte', () => {
    const units = new UnitBuffer();
    const times = new MediaTimeParser();
    const kept: Uint8Array[] = [];
    for (let at = 0; at < first.length; at += 7) {
      times.append(first.subarray(at, at + 7));
      kept.push(units.take(first.slice(at, at + 7), times.wholeBytes));
    }
    expect(Buffer.compare(concatBytes(kept), first)).toBe(0);
  });
});
