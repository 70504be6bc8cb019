import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Eleven seconds of a public-domain address. */
export const speech = fileURLToPath(new URL('../../transcribe/testdata/jfk.wav', import.meta.url));

/** A recording as browsers make it (VP8 and Opus in WebM): a moving picture with speech, a key frame in each second. */
export function makeRecording(seconds: number): Buffer<ArrayBuffer> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=15:duration=${seconds}`];
  const sound = ['-stream_loop', '-1', '-i', speech];
  const video = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-g', '15'];
  const audio = ['-c:a', 'libopus', '-ar', '48000', '-t', String(seconds)];
  const args = ['-v', 'error', ...picture, ...sound, ...video, ...audio, '-cluster_time_limit', '500', '-f', 'webm', '-'];
  return Buffer.from(execFileSync('ffmpeg', args, { maxBuffer: 16 << 20 }));
}
