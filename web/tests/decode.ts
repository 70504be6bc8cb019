import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Seconds of picture and sound that a file decodes to; read as a stream, as the server does. */
export function decodedSeconds(file: string): number {
  const args = ['-v', 'quiet', '-i', '-', '-f', 'null', '-progress', '-', '-'];
  const out = execFileSync('ffmpeg', args, { input: readFileSync(file), encoding: 'utf8' });
  return (
    Number(
      out
        .match(/out_time_us=\d+/g)!
        .at(-1)!
        .slice('out_time_us='.length),
    ) / 1e6
  );
}

/** The longest time (s) without sound in the file. */
export function longestGap(file: string): number {
  const out = execFileSync('ffprobe', ['-v', 'quiet', '-select_streams', 'a', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-'], {
    input: readFileSync(file),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const times = out
    .split('\n')
    .map(parseFloat)
    .filter((t) => !Number.isNaN(t))
    .sort((a, b) => a - b);
  return Math.max(...times.slice(1).map((t, i) => t - times[i]!));
}

const RATE = 8000; // samples a second
const STEP = 0.25; // s

/** The loudness (root mean square, 0–1) of a recording for each quarter of a second. */
export function loudness(original: Buffer): number[] {
  const args = [
    '-v',
    'error',
    '-i',
    'pipe:0',
    '-vn',
    '-ac',
    '1',
    '-ar',
    String(RATE),
    '-af',
    'aresample=async=1:first_pts=0',
    '-f',
    's16le',
    '-',
  ];
  const pcm = execFileSync('ffmpeg', args, { input: original, maxBuffer: 64 << 20 });
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  const levels: number[] = [];
  for (let at = 0; at + RATE * STEP <= samples.length; at += RATE * STEP) {
    const sum = samples.subarray(at, at + RATE * STEP).reduce((total, s) => total + (s / 32768) ** 2, 0);
    levels.push(Math.sqrt(sum / (RATE * STEP)));
  }
  return levels;
}

/** The longest stretch (s) of levels that are so. */
export function longest(levels: number[], isSo: (level: number) => boolean): number {
  let found = 0;
  let now = 0;
  for (const level of levels) {
    now = isSo(level) ? now + STEP : 0;
    found = Math.max(found, now);
  }
  return found;
}

/** The longest stretch (s) of a recording in which nothing is heard. */
export const longestSilence = (original: Buffer): number => longest(loudness(original), (level) => level < 0.002);

/** How long (s) the sound of a recording is. */
export const soundLength = (original: Buffer): number => loudness(original).length * STEP;

/** The stretches (s) of a recording in which the picture does not change. */
export function frozenPictures(original: Buffer): { from: number; to: number }[] {
  const args = ['-v', 'info', '-i', 'pipe:0', '-an', '-vf', 'freezedetect=n=0.002:d=0.7', '-f', 'null', '-'];
  const { stderr } = spawnSync('ffmpeg', args, { input: original, encoding: 'utf8', maxBuffer: 64 << 20 });
  const times = (what: string) => [...stderr.matchAll(new RegExp(`freeze_${what}: ([\\d.]+)`, 'g'))].map((m) => Number(m[1]));
  const ends = times('end');
  return times('start').map((from, i) => ({ from, to: ends[i] ?? Infinity }));
}
