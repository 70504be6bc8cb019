/// <reference types="node" />
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { MediaTimeParser } from './mediaTime';
import { dataFile, metaFile, type ToSpool } from './messages';
import { decodeMeta, heldMs, type Meta } from './meta';

/** A file of the private file system, as its synchronous handle shows it. */
class DiskFile {
  bytes = new Uint8Array();
  getSize = () => this.bytes.length;
  write(from: Uint8Array, { at }: { at: number }) {
    const bytes = new Uint8Array(Math.max(this.bytes.length, at + from.length));
    bytes.set(this.bytes);
    bytes.set(from, at);
    this.bytes = bytes;
    return from.length;
  }
  truncate(size: number) {
    this.bytes = this.bytes.slice(0, size);
  }
  flush() {}
}

const packetMs = 20;
/** Opus (RFC 6716): 20 ms of silence. */
const silentPacket = new Uint8Array([0xf8, 0xff, 0xfe]);

/** WebCodecs' encoder: one packet for each part it is given. */
class FakeAudioEncoder {
  state = 'unconfigured';
  constructor(private o: { output: (chunk: object) => void }) {}
  configure() {
    this.state = 'configured';
  }
  encode() {
    const copyTo = (to: Uint8Array) => to.set(silentPacket);
    this.o.output({ duration: packetMs * 1000, byteLength: silentPacket.length, copyTo });
  }
  close() {
    this.state = 'closed';
  }
}

let files: Record<string, DiskFile>;
let worker: { onmessage: (e: { data: ToSpool }) => Promise<void>; postMessage: (m: object) => void };
let now: number;

beforeEach(async () => {
  files = {};
  now = 0;
  worker = { postMessage: () => {} } as unknown as typeof worker;
  const folder = {
    getDirectoryHandle: () => Promise.resolve(folder),
    getFileHandle: (name: string) => Promise.resolve({ createSyncAccessHandle: () => Promise.resolve((files[name] ??= new DiskFile())) }),
  };
  vi.stubGlobal('self', worker);
  vi.stubGlobal('navigator', {
    storage: { getDirectory: () => Promise.resolve(folder) },
    locks: { request: (_: string, __: object, take: (lock: object) => void) => take({}) },
  });
  vi.stubGlobal(
    'FileReaderSync',
    class {
      readAsArrayBuffer = (blob: unknown) => (blob as Uint8Array).slice().buffer;
    },
  );
  vi.stubGlobal('fetch', () => new Promise(() => {})); // a server that does not answer
  vi.stubGlobal('AudioEncoder', FakeAudioEncoder);
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.resetModules();
  const path = './spool.worker'; // of another kind of global scope, whose types are not those of a page
  await import(/* @vite-ignore */ path);
  return () => vi.unstubAllGlobals();
});

const begin = (mime: string) => {
  const meta = { id: 'R', key: 'K', createdAt: 1, userId: 'U', workspaceId: 'W', kind: 'camera', mime, title: '', lengthMs: 0 };
  return worker.onmessage({ data: { type: 'begin', meta: meta as Meta } });
};
const append = (bytes: Uint8Array, lengthMs: number) =>
  worker.onmessage({ data: { type: 'chunk', blob: bytes as unknown as Blob, lengthMs } });
const metaOnDisk = () => decodeMeta(new TextDecoder().decode(files[metaFile]!.bytes))!;

const webm = (name: string) => new Uint8Array(readFileSync(`src/recorder/testdata/${name}.webm`));

it('a block that has not ended is not said to be missing on the disk', async () => {
  const media = webm('chromium-picture-1');
  const times = new MediaTimeParser();
  let [cut, whole] = [0, -1];
  while (times.wholeBytes !== whole || whole === 0) {
    whole = times.wholeBytes;
    times.append(media.subarray(cut, (cut += 50)));
  }
  await begin('video/webm;codecs=vp8,opus');
  await append(media.slice(0, cut - 50), 1000);
  await append(media.slice(cut - 50, cut), 1500); // the middle of a block
  expect(files[dataFile]!.bytes).toHaveLength(whole);
  expect(metaOnDisk().lengthMs).toBe(heldMs(metaOnDisk()));
});

it('another encoder goes on behind the last whole block of one that failed, as much later as it began', async () => {
  const [first, second] = [webm('chromium-picture-1'), webm('chromium-picture-2')];
  await begin('video/webm;codecs=vp8,opus');
  await append(first.slice(0, -7), 4000); // the middle of a block
  const before = soundTimes(files[dataFile]!.bytes);
  await worker.onmessage({ data: { type: 'join', atMs: 4321 } });
  for (let at = 0; at < second.length; at += 5000) await append(second.slice(at, at + 5000), 5000);

  const later = soundTimes(second).map((t) => t + 4.321);
  const ms = (times: number[]) => times.map((t) => Math.round(t * 1000));
  expect(ms(soundTimes(files[dataFile]!.bytes))).toEqual(ms([...before, ...later]));
  const errors = spawnSync('ffmpeg', ['-v', 'error', '-i', '-', '-f', 'null', '-'], {
    input: files[dataFile]!.bytes,
    encoding: 'utf8',
  }).stderr;
  expect(errors).toBe('');
});

/** Two seconds of fragments, with a key frame in each second. */
const mp4 = new Uint8Array(
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=2'],
    ...['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10'],
    ...['-c:a', 'libopus', '-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', '-'],
  ]),
);

/** Where the fragments begin, and where the last one ends. */
function fragmentsOf(file: Uint8Array): number[] {
  const at = [...Buffer.from(file).toString('latin1').matchAll(/moof/g)].map((m) => m.index - 4);
  return [...at, Buffer.from(file).toString('latin1').indexOf('mfra') - 4];
}

/** Gives the worker so much (ms) of sound, captured as the clock goes on. */
function followSound(ms: number, startMs: number) {
  const parts = ms / packetMs;
  let left = parts;
  const frames = new ReadableStream<AudioData>(
    {
      pull(to) {
        if (left-- === 0) return to.close();
        now += packetMs;
        to.enqueue({ numberOfFrames: 960, sampleRate: 48_000, numberOfChannels: 1, close() {} } as AudioData);
      },
    },
    { highWaterMark: 0 },
  );
  return worker.onmessage({ data: { type: 'sound', from: { frames, startMs, startedAt: performance.timeOrigin + now + packetMs } } });
}

const soundTimes = (file: Uint8Array) =>
  execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'a', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-'], {
    input: file,
    encoding: 'utf8',
  })
    .split('\n')
    .map(parseFloat)
    .filter((t) => !Number.isNaN(t));

it('MP4 with a picture: sound is on the disk before the encoder gives its fragment, which takes its place', async () => {
  const [first, second, end] = fragmentsOf(mp4) as [number, number, number];
  await begin('video/mp4;codecs=avc3.42E01F,opus');
  await append(mp4.slice(0, second), 1100);
  const onDisk = () => files[dataFile]!.bytes;
  await followSound(900, 1000);
  await vi.waitFor(() => expect(soundTimes(onDisk()).at(-1)).toBeGreaterThan(1.7));
  const times = soundTimes(onDisk());
  expect(times.at(-1)).toBeLessThan(1.95);
  expect(Math.max(...times.slice(1).map((t, i) => t - times[i]!))).toBeLessThan(0.05);
  expect(first).toBeGreaterThan(0);

  await append(mp4.slice(second, end), 2100);
  expect(Buffer.compare(onDisk(), mp4.subarray(0, end))).toBe(0);
});

it('sound that goes on beyond a fragment stays on the disk behind it', async () => {
  const [, second, end] = fragmentsOf(mp4) as [number, number, number];
  await begin('video/mp4;codecs=avc3.42E01F,opus');
  await append(mp4.slice(0, second), 1100);
  await followSound(1800, 1000);
  await vi.waitFor(() => expect(soundTimes(files[dataFile]!.bytes).at(-1)).toBeGreaterThan(2.6));
  await append(mp4.slice(second, end), 2100);
  expect(Buffer.compare(files[dataFile]!.bytes.subarray(0, end), mp4.subarray(0, end))).toBe(0);
  const times = soundTimes(files[dataFile]!.bytes);
  expect(times.at(-1)).toBeGreaterThan(2.6);
  expect(Math.max(...times.slice(1).map((t, i) => t - times[i]!))).toBeLessThan(0.05);
});

it('nothing of it is left at the end of a recording', async () => {
  const [, second] = fragmentsOf(mp4) as [number, number];
  await begin('video/mp4;codecs=avc3.42E01F,opus');
  await append(mp4.slice(0, second), 1100);
  await followSound(900, 1000);
  await vi.waitFor(() => expect(files[dataFile]!.bytes.length).toBeGreaterThan(second));
  await worker.onmessage({ data: { type: 'seal' } });
  expect(files[dataFile]!.bytes).toHaveLength(second);
});
