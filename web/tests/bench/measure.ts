import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PERIOD } from './flashAndBeep';

const run = promisify(execFile);

const RATE = 8000; // samples a second
const GRID = 100; // pictures a second that the file is laid out on

async function decode(file: string, args: string[]): Promise<Buffer> {
  const all = ['-v', 'error', '-i', file, ...args, '-'];
  const { stdout } = await run('ffmpeg', all, { encoding: 'buffer', maxBuffer: 2 ** 30 });
  return stdout;
}

/** Where something begins, in seconds: after at least half a period without it. */
function onsets(count: number, rate: number, is: (i: number) => boolean): number[] {
  const found: number[] = [];
  let lastAt = -Infinity;
  for (let i = 0; i < count; i++) {
    if (!is(i)) continue;
    if (i - lastAt > (PERIOD / 2) * rate) found.push(i / rate);
    lastAt = i;
  }
  return found;
}

export async function flashTimes(file: string): Promise<number[]> {
  const grey = await decode(file, ['-an', '-vf', `fps=${GRID}:start_time=0,scale=1:1,format=gray`, '-f', 'rawvideo']);
  return onsets(grey.length, GRID, (i) => grey[i]! > 140);
}

export async function beepTimes(file: string): Promise<number[]> {
  const args = ['-vn', '-ac', '1', '-ar', String(RATE), '-af', 'aresample=async=1:first_pts=0', '-f', 's16le'];
  const pcm = await decode(file, args);
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  return onsets(samples.length, RATE, (i) => Math.abs(samples[i]!) > 2000);
}

/** By how much (ms) sound comes after its picture between two times: the median of all pairs. */
export function soundDelay(flashes: number[], beeps: number[], from: number, to: number): number {
  const delays = flashes
    .filter((f) => f >= from && f <= to)
    .map((f) => beeps.reduce((best, b) => (Math.abs(b - f) < Math.abs(best) ? b - f : best), Infinity))
    .filter((d) => Math.abs(d) < PERIOD / 2)
    .sort((a, b) => a - b);
  return 1000 * (delays[delays.length >> 1] ?? NaN);
}

/** The length of a file and its pictures a second, as its packets have them. */
export async function measureFile(file: string): Promise<{ seconds: number; pictures: number }> {
  const args = ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time,duration_time', '-of', 'csv=p=0', file];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 2 ** 30 });
  const packets = stdout
    .split('\n')
    .map((line) => line.split(','))
    .filter((p) => p.length > 1 && !Number.isNaN(parseFloat(p[1]!)));
  const ends = packets.map(([, at, length]) => parseFloat(at!) + (parseFloat(length!) || 0));
  const seconds = ends.reduce((a, b) => Math.max(a, b), 0);
  return { seconds, pictures: packets.filter(([kind]) => kind === 'video').length / seconds };
}
