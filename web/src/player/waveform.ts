/** peaks.json: BBC audiowaveform's data format, version 2: lowest and highest sample of each pixel in turn. */
export interface Peaks {
  bits: number;
  data: number[];
}

/** Whether a JSON value is peaks that can be drawn. */
export function isPeaks(v: unknown): v is Peaks {
  const p = v as Partial<Peaks> | null;
  return (
    typeof p === 'object' &&
    p !== null &&
    (p.bits === 8 || p.bits === 16) &&
    Array.isArray(p.data) &&
    p.data.every((n) => typeof n === 'number')
  );
}

/**
 * The heights (0–1) of `count` bars: the loudest sample of each stretch against the loudest of all, so that a
 * quiet voice is seen as well. `floor` keeps silence visible as a dot.
 */
export function waveformBars(peaks: Peaks, count: number, floor = 0.06): number[] {
  const pixels = Math.floor(peaks.data.length / 2);
  if (pixels === 0 || count <= 0) return [];
  const loud = (i: number) => Math.max(-(peaks.data[2 * i] ?? 0), peaks.data[2 * i + 1] ?? 0, 0);
  const out = Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * pixels) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * pixels) / count));
    let top = 0;
    for (let i = from; i < to && i < pixels; i++) top = Math.max(top, loud(i));
    return top;
  });
  const full = out.reduce((a, b) => Math.max(a, b), 0);
  const quiet = 2 ** (peaks.bits - 1) / 64; // noise is not blown up to the height of speech
  return out.map((v) => Math.max(floor, v / Math.max(full, quiet)));
}

/** Fetches peaks as bars; null when they cannot be had, for they are an ornament. */
export async function fetchBars(url: string, count: number, least?: number): Promise<number[] | null> {
  try {
    const r = await fetch(url);
    const peaks: unknown = r.ok ? await r.json() : null;
    return isPeaks(peaks) ? waveformBars(peaks, count, least) : null;
  } catch {
    return null;
  }
}
