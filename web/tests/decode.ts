import { execFileSync } from 'node:child_process';
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
