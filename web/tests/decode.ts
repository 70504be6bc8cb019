import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Seconds that a recording decodes to, by the longer of its picture and its sound. */
export function decodedLength(original: Buffer): number {
  const args = ['-v', 'quiet', '-i', '-', '-f', 'null', '-progress', '-', '-'];
  const out = execFileSync('ffmpeg', args, { input: original, encoding: 'utf8', maxBuffer: 16 << 20 });
  return Number([...out.matchAll(/out_time_us=(\d+)/g)].at(-1)![1]) / 1e6;
}

/** The same of a file; read as a stream, as the server does. */
export const decodedSeconds = (file: string): number => decodedLength(readFileSync(file));

/** The times (s) of the packets of a file's sound or picture, in order. */
export function packetTimes(file: string, kind: 'a' | 'v', isWanted: (flags: string) => boolean = () => true): number[] {
  const args = ['-v', 'quiet', '-select_streams', kind, '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', '-'];
  const out = execFileSync('ffprobe', args, { input: readFileSync(file), encoding: 'utf8', maxBuffer: 1 << 26 });
  return out
    .split('\n')
    .filter((line) => isWanted(line.split(',')[1] ?? ''))
    .map(parseFloat)
    .filter((t) => !Number.isNaN(t))
    .sort((a, b) => a - b);
}

/** The longest time (s) without sound, or without a picture, in the file. */
export function longestGap(file: string, kind: 'a' | 'v' = 'a'): number {
  const times = packetTimes(file, kind);
  return Math.max(...times.slice(1).map((t, i) => t - times[i]!));
}

export const RATE = 8000; // samples a second
const STEP = 0.25; // s

/** The sound of a recording, 8000 samples a second; what is missing in between is silence. */
export function samplesOf(original: Buffer): Int16Array {
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
  return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
}

/** The loudness (root mean square, 0–1) of a recording for each quarter of a second. */
export function loudness(original: Buffer): number[] {
  const samples = samplesOf(original);
  const levels: number[] = [];
  for (let at = 0; at + RATE * STEP <= samples.length; at += RATE * STEP) {
    const sum = samples.subarray(at, at + RATE * STEP).reduce((total, s) => total + (s / 32768) ** 2, 0);
    levels.push(Math.sqrt(sum / (RATE * STEP)));
  }
  return levels;
}

/** The pitch (Hz) of a tone in each second of a recording in which it is heard. */
export function pitches(original: Buffer): number[] {
  const samples = samplesOf(original);
  const found: number[] = [];
  for (let at = 0; at + RATE <= samples.length; at += RATE) {
    const second = samples.subarray(at, at + RATE);
    if (Math.hypot(...second.slice(0, RATE)) / 32768 / Math.sqrt(RATE) < 0.002) continue;
    found.push(strongestFrequency(second));
  }
  return found;
}

/** The frequency (Hz, 200–1200) at which a second of sound is strongest, by Goertzel's algorithm. */
function strongestFrequency(second: Int16Array): number {
  let best = { hz: 0, power: 0 };
  for (let hz = 200; hz <= 1200; hz++) {
    const factor = 2 * Math.cos((2 * Math.PI * hz) / RATE);
    let [one, two] = [0, 0];
    for (const s of second) [one, two] = [s + factor * one - two, one];
    const power = one * one + two * two - factor * one * two;
    if (power > best.power) best = { hz, power };
  }
  return best.hz;
}

/** The pitch (Hz) of a recording: gaps shift that of single seconds. */
export const medianPitch = (original: Buffer): number => pitches(original).toSorted((a, b) => a - b)[pitches(original).length >> 1] ?? 0;

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

/** How long (s) the sound of a recording is, to the sample. */
export const soundSeconds = (original: Buffer): number => samplesOf(original).length / RATE;

/** How long (s) the sound of a recording is. */
export const soundLength = (original: Buffer): number => loudness(original).length * STEP;

/** When (s) each picture of a recording is shown. */
export function pictureTimes(original: Buffer): number[] {
  const args = ['-v', 'quiet', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-'];
  const lines = execFileSync('ffprobe', args, { input: original, encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n');
  const times = lines.map(parseFloat).filter((t) => !Number.isNaN(t));
  return times.sort((a, b) => a - b);
}

/** The size of each picture of a recording. */
export function sizesOf(original: Buffer): string[] {
  const args = ['-v', 'quiet', '-select_streams', 'v', '-show_entries', 'frame=width,height', '-of', 'csv=p=0', '-'];
  const out = execFileSync('ffprobe', args, { input: original, encoding: 'utf8', maxBuffer: 64 << 20 });
  return out.split('\n').filter((line) => line !== '');
}

/** The stretches (s) of a recording in which the picture does not change. */
export function frozenPictures(original: Buffer): { from: number; to: number }[] {
  const args = ['-v', 'info', '-i', 'pipe:0', '-an', '-vf', 'freezedetect=n=0.002:d=0.7', '-f', 'null', '-'];
  const { stderr } = spawnSync('ffmpeg', args, { input: original, encoding: 'utf8', maxBuffer: 64 << 20 });
  const times = (what: string) => [...stderr.matchAll(new RegExp(`freeze_${what}: ([\\d.]+)`, 'g'))].map((m) => Number(m[1]));
  const ends = times('end');
  return times('start').map((from, i) => ({ from, to: ends[i] ?? Infinity }));
}

const BEEP_STEP = 0.005; // s

/** When (s) a recording begins to sound after silence, and its pitch (Hz) there. */
export function beepsOf(original: Buffer): { at: number; hertz: number }[] {
  const samples = samplesOf(original);
  const step = RATE * BEEP_STEP;
  const isLoud = (i: number) => samples.subarray(i * step, (i + 1) * step).some((s) => Math.abs(s) > 3000);
  const beeps: { at: number; hertz: number }[] = [];
  for (let i = 1; (i + 1) * step <= samples.length; i++) {
    const before = Math.max(0, i - 20);
    const isStart = isLoud(i) && !Array.from({ length: i - before }, (_, k) => before + k).some(isLoud);
    if (isStart) beeps.push({ at: i * BEEP_STEP, hertz: pitchAt(samples, i * step + RATE * 0.02, RATE * 0.1) });
  }
  return beeps;
}

/** The pitch (Hz) of so many samples: half the changes of sign. */
function pitchAt(samples: Int16Array, from: number, count: number): number {
  let crossings = 0;
  for (let i = from + 1; i < from + count && i < samples.length; i++) if (samples[i]! >= 0 !== samples[i - 1]! >= 0) crossings++;
  return (crossings * RATE) / (2 * count);
}

/** When (s) a dark recording becomes bright where the bubble of a camera is. */
export function flashesOf(original: Buffer): number[] {
  const args = [
    '-v',
    'fatal',
    '-i',
    'pipe:0',
    '-an',
    '-fps_mode',
    'passthrough',
    '-vf',
    'crop=iw*0.08:ih*0.12:iw*0.83:ih*0.73,scale=1:1,format=gray',
    '-f',
    'rawvideo',
    '-',
  ];
  const brightness = execFileSync('ffmpeg', args, { input: original, maxBuffer: 64 << 20 });
  const times = pictureTimes(original);
  return times.filter((_, i) => i > 0 && brightness[i]! > 128 && brightness[i - 1]! <= 128);
}

/** Whether no 2.5 ms of this are silent: a gap in a high tone would pass for a lower one, as it has as many changes of sign. */
function isLoudThroughout(samples: Int16Array): boolean {
  const part = RATE * 0.0025;
  for (let at = 0; at + part <= samples.length; at += part)
    if (!samples.subarray(at, at + part).some((s) => Math.abs(s) > 1000)) return false;
  return true;
}

/** Which of these tones (Hz) are heard in a recording, in their order; 20 ms of one are enough. */
export function tonesOf(original: Buffer, tones: number[]): number[] {
  const samples = samplesOf(original);
  const step = RATE * 0.02;
  const heard: number[] = [];
  for (let at = 0; at + step <= samples.length; at += step) {
    if (!isLoudThroughout(samples.subarray(at, at + step))) continue;
    const hertz = pitchAt(samples, at, step);
    const tone = tones.find((t) => Math.abs(hertz / t - 1) < 0.1);
    if (tone !== undefined && tone !== heard.at(-1)) heard.push(tone);
  }
  return heard;
}
