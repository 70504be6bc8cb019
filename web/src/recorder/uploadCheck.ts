/** Measures how fast this connection uploads, before a recording: at most 320 KiB, and not again within ten minutes. */
import { loadStored, saveStored } from '../lib/storage';
import { request, TransientError, type UploadTrouble } from './request';

/** How fast bytes go up, or what keeps them from it. */
export type UploadCheck =
  { trouble: null; bytesPerMs: number } | { trouble: Extract<UploadTrouble, 'offline' | 'unreachable' | 'signed_out'>; bytesPerMs: null };

const PROBE = '/api/v1/upload-probe';
const FIRST = 64 << 10; // bytes
const SECOND = 192 << 10; // bytes
/** A first part that takes longer (ms), twice, tells enough. */
const SLOW = 1000;
/** A part that takes longer (ms) is given up: then the connection is slower than that. */
const DEADLINE = 8000;
const LIFETIME = 10 * 60_000; // ms a measurement is remembered
const KEY = 'recorder.uploadSpeed';

/** What is known of the connection, measured if need be; null: it cannot, or should not, be measured. */
export async function checkUpload(signal: AbortSignal, now = Date.now()): Promise<UploadCheck | null> {
  if (navigator.onLine === false) return { trouble: 'offline', bytesPerMs: null };
  const known = rememberedSpeed(now);
  if (known !== null) return { trouble: null, bytesPerMs: known };
  if (savesData()) return null;
  const found = await measureUpload(signal);
  if (found?.trouble === null) saveStored(KEY, { at: now, bytesPerMs: found.bytesPerMs });
  return found;
}

/** Another network is another speed. */
export const forgetSpeed = () => saveStored(KEY, null);

async function measureUpload(signal: AbortSignal): Promise<UploadCheck | null> {
  try {
    let first = await timeProbe(FIRST, signal);
    if (first > SLOW) first = Math.min(first, await timeProbe(FIRST, signal)); // a busy computer is no slow connection
    if (first > SLOW) return { trouble: null, bytesPerMs: FIRST / first };
    const second = await timeProbe(SECOND, signal);
    return { trouble: null, bytesPerMs: speedOf(first, second) };
  } catch (e) {
    return troubleOf(e);
  }
}

/** The way there and back counts for nothing: what the larger part took longer than the smaller one is its bytes alone. */
export function speedOf(firstMs: number, secondMs: number): number {
  const whole = SECOND / Math.max(1, secondMs);
  return secondMs > firstMs ? Math.max(whole, (SECOND - FIRST) / (secondMs - firstMs)) : whole;
}

function troubleOf(e: unknown): UploadCheck | null {
  if (!(e instanceof TransientError)) return null;
  const { trouble } = e;
  return trouble === 'offline' || trouble === 'unreachable' || trouble === 'signed_out' ? { trouble, bytesPerMs: null } : null;
}

/** How long (ms) so many bytes take. */
async function timeProbe(bytes: number, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const took = () => performance.now() - began;
  const body = crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536)));
  const whole = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += body.length) whole.set(body.subarray(0, bytes - at), at); // nothing on the way can compress it much
  try {
    await request('POST', PROBE, { headers: { 'Content-Type': 'application/octet-stream' }, body: whole, signal, deadlineMs: DEADLINE });
    return took();
  } catch (e) {
    if (e instanceof TransientError && e.trouble === 'unreachable' && took() >= DEADLINE) return took();
    throw e;
  }
}

function rememberedSpeed(now: number): number | null {
  const known = loadStored<{ at?: unknown; bytesPerMs?: unknown } | null>(KEY, null);
  if (typeof known?.at !== 'number' || typeof known.bytesPerMs !== 'number') return null;
  return now - known.at < LIFETIME && now >= known.at ? known.bytesPerMs : null;
}

/** Whether the person pays for each byte, as far as the browser tells (https://wicg.github.io/savedata/). */
function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
