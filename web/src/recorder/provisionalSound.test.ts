import { beforeEach, expect, it, vi } from 'vitest';
import { concatBytes } from './byteQueue';
import { MediaTimeParser } from './mediaTime';
import { ProvisionalSound, soundCodecOf } from './provisionalSound.worker';
import { makeSoundFragment } from './soundFragment';

const PART_MS = 20;

/** Gives a packet of one byte for each part, and this description before the first. */
class FakeEncoder {
  static description: Uint8Array | undefined;
  state = 'unconfigured';
  constructor(private o: { output: (chunk: object, metadata?: object) => void }) {}
  configure() {
    this.state = 'configured';
  }
  encode() {
    const { description } = FakeEncoder;
    this.o.output({ duration: PART_MS * 1000, byteLength: 1, copyTo: () => {} }, { decoderConfig: { description } });
  }
  close() {
    this.state = 'closed';
  }
}

/** The head of an MP4 with one track of sound: as little as is read of it. */
const box = (type: string, ...parts: Uint8Array[]): Uint8Array => {
  const body = concatBytes(parts);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, body.length + 8);
  head.set(new TextEncoder().encode(type), 4);
  return concatBytes([head, body]);
};
const words = (...numbers: number[]) => new Uint8Array(numbers.flatMap((n) => [n >> 24, n >> 16, n >> 8, n]));
const handler = words(0, 0, 0x736f756e); // soun
const track = box('trak', box('tkhd', words(0, 0, 0, 7)), box('mdia', box('mdhd', words(0, 0, 0, 48_000)), box('hdlr', handler)));
const config = new Uint8Array([0x11, 0x90]);
const head = concatBytes([box('ftyp', words(0)), box('moov', track, box('esds', config))]);

let now = 0;

beforeEach(() => {
  now = 0;
  FakeEncoder.description = undefined;
  vi.stubGlobal('AudioEncoder', FakeEncoder);
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return () => vi.unstubAllGlobals();
});

/** Hears so much (ms), from 4 s of the file on. */
async function hear(sound: ProvisionalSound, ms: number) {
  let left = ms / PART_MS;
  const frames = new ReadableStream<AudioData>(
    {
      pull(to) {
        if (left-- <= 0) return to.close();
        now += PART_MS;
        to.enqueue({ numberOfFrames: 960, sampleRate: 48_000, numberOfChannels: 1, close() {} } as AudioData);
      },
    },
    { highWaterMark: 0 },
  );
  await sound.follow({ frames, startedAt: performance.timeOrigin + now + PART_MS, startMs: 4000 });
}

const timesOf = (fragment: Uint8Array | null) => fragment && new MediaTimeParser().append(concatBytes([head, fragment])).audio;

it('is made of sound in MP4 with a picture alone', () => {
  const types = [
    'video/mp4;codecs=avc3.42E01F,opus',
    'video/mp4;codecs=avc1.42E01F,mp4a.40.2',
    'video/webm;codecs=vp8,opus',
    'audio/mp4;codecs=opus',
  ];
  expect(types.map(soundCodecOf)).toEqual(['opus', 'mp4a.40.2', null, null]);
});

it('gives a tenth of a second at a time, at its place in the file', async () => {
  const fragments: ReturnType<typeof timesOf>[] = [];
  const sound = new ProvisionalSound('opus', () => {
    const fragment = sound.nextFragment(0, head);
    if (fragment) fragments.push(timesOf(fragment));
  });
  await hear(sound, 300);
  expect(fragments).toEqual([
    { from: 4000, to: 4100, samples: 5 },
    { from: 4100, to: 4200, samples: 5 },
    { from: 4200, to: 4300, samples: 5 },
  ]);
});

it('gives nothing of what the file has already', async () => {
  const sound = new ProvisionalSound('opus', () => {});
  await hear(sound, 1000);
  expect(timesOf(sound.nextFragment(4510, head))).toEqual({ from: 4520, to: 5000, samples: 24 });
});

it('gives what follows a moment once more, and nothing of what is before it', async () => {
  const sound = new ProvisionalSound('opus', () => {});
  await hear(sound, 1000);
  expect(timesOf(sound.fragmentAfter(4510, head))).toEqual({ from: 4520, to: 5000, samples: 24 });
  expect(timesOf(sound.fragmentAfter(4000, head))).toEqual({ from: 4520, to: 5000, samples: 24 });
  expect(sound.fragmentAfter(5000, head)).toBeNull();
});

it('keeps ten seconds at most, the first ones', async () => {
  const sound = new ProvisionalSound('opus', () => {});
  await hear(sound, 20_000);
  const { from, to } = timesOf(sound.fragmentAfter(0, head))!;
  expect(from).toBe(4000);
  expect(to).toBeLessThanOrEqual(14_100);
});

it('is forgotten when no more of it is wanted', async () => {
  const sound = new ProvisionalSound('opus', () => {});
  await hear(sound, 1000);
  sound.stop();
  expect(sound.fragmentAfter(0, head)).toBeNull();
});

it.each([
  ['as the file describes it', config, true],
  ['of another kind', new Uint8Array([0x12, 0x10]), false],
  ['that does not say what it is', undefined, false],
])('AAC %s', async (_, description, fits) => {
  FakeEncoder.description = description;
  const sound = new ProvisionalSound('mp4a.40.2', () => {});
  await hear(sound, 1000);
  expect(sound.fragmentAfter(0, head) !== null).toBe(fits);
});

it('nothing is made of it without the description of the tracks', async () => {
  const sound = new ProvisionalSound('opus', () => {});
  await hear(sound, 1000);
  expect(sound.fragmentAfter(0, head.subarray(0, 40))).toBeNull();
});

it('times beyond 32 bits are written whole', () => {
  const fragment = makeSoundFragment({ id: 7, timescale: 48_000 }, 100_000_000, [{ durationMs: PART_MS, bytes: new Uint8Array(1) }]);
  expect(timesOf(fragment)).toEqual({ from: 100_000_000, to: 100_000_020, samples: 1 });
});
