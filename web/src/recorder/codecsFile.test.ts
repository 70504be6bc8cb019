/// <reference types="node" />
import { execFileSync, spawnSync } from 'node:child_process';
import {
  ALL_FORMATS,
  BufferSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  type AudioCodec,
  type VideoCodec,
} from 'mediabunny';
import { expect, it } from 'vitest';
import { concatBytes } from './byteQueue';
import { openWebm } from './codecsFile';
import { continueFile } from './continuation';
import { MediaTimeParser } from './mediaTime';

const encode = (...args: string[]) => new Uint8Array(execFileSync('ffmpeg', ['-v', 'error', ...args, '-'], { maxBuffer: 16 << 20 }));
const encoded = encode(
  ...['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=3', '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=3'],
  ...['-c:v', 'libvpx', '-deadline', 'realtime', '-g', '10', '-c:a', 'libopus', '-f', 'webm'],
);

/** The packets of ffmpeg's encoders in a file that the muxer wrote, in the parts in which it wrote them. */
async function muxed(): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(encoded) });
  const [video, audio] = [(await input.getPrimaryVideoTrack())!, (await input.getPrimaryAudioTrack())!];
  const pictures = new EncodedVideoPacketSource((await video.getCodec()) as VideoCodec);
  const sound = new EncodedAudioPacketSource((await audio.getCodec()) as AudioCodec);
  const output = openWebm((bytes) => parts.push(bytes.slice()));
  output.addVideoTrack(pictures);
  output.addAudioTrack(sound);
  await output.start();
  const [videoConfig, audioConfig] = [(await video.getDecoderConfig())!, (await audio.getDecoderConfig())!];
  await Promise.all([
    (async () => {
      for await (const p of new EncodedPacketSink(video).packets()) await pictures.add(p, { decoderConfig: videoConfig });
      pictures.close();
    })(),
    (async () => {
      for await (const p of new EncodedPacketSink(audio).packets()) await sound.add(p, { decoderConfig: audioConfig });
      sound.close();
    })(),
  ]);
  await output.finalize();
  return parts;
}

const lengthOf = (file: Uint8Array) => {
  const { stderr, stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', '-', '-f', 'null', '-progress', '-', '-'], {
    input: file,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return Number([...stdout.matchAll(/out_time_us=(\d+)/g)].at(-1)![1]) / 1e6;
};

it('gives seconds of both tracks while the file grows', async () => {
  const parser = new MediaTimeParser();
  const parts = await muxed();
  expect(parts.length).toBeGreaterThan(20);
  const times = parts.map((part) => parser.append(part));
  expect(times.every((t, i) => t.isKnown && t.ms >= (times[i - 1]?.ms ?? 0))).toBe(true);
  const { ms, video, audio } = times.at(-1)!;
  expect(ms).toBeGreaterThan(2900);
  expect([video!.samples, audio!.samples > 140]).toEqual([30, true]);
});

it('begins a cluster at each key frame: what is cut off anywhere plays up to there', async () => {
  const file = concatBytes(await muxed());
  const clusters = Buffer.from(file).toString('latin1').split('\x1f\x43\xb6\x75').length - 1;
  expect(clusters).toBeGreaterThanOrEqual(3);
  const cut = execFileSync('ffprobe', ['-v', 'quiet', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-'], {
    input: file.subarray(0, file.length >> 1),
    encoding: 'utf8',
  });
  expect(
    Math.max(
      ...cut
        .split('\n')
        .map(parseFloat)
        .filter((t) => !Number.isNaN(t)),
    ),
  ).toBeGreaterThan(1);
});

it('can be continued by a file of the same muxer', async () => {
  const first = concatBytes(await muxed());
  const continuation = continueFile(first, 4000)!;
  const second = (await muxed()).map((part) => continuation.shift(part.slice()));
  const all = concatBytes([first, ...second]);
  expect(lengthOf(all)).toBeCloseTo(7, 0);
  const parser = new MediaTimeParser();
  const { video, audio } = parser.append(all);
  expect(video!.samples).toBe(60);
  expect([Math.round(video!.to / 100), Math.round(audio!.to / 100)]).toEqual([69, 70]);
});

it('can continue the file of another encoder', async () => {
  const live = encode(
    ...['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=2', '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-g', '10', '-c:a', 'libopus', '-f', 'webm', '-live', '1'],
  );
  const continuation = continueFile(live, 3000)!;
  const all = concatBytes([live, ...(await muxed()).map((part) => continuation.shift(part.slice()))]);
  expect(lengthOf(all)).toBeCloseTo(6, 0);
});
