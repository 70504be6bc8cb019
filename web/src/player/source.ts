import type { Clip } from '../lib/api/client';

/** Where the picture and sound of a clip come from now. */
export type Plan = { kind: 'file'; url: string } | { kind: 'hls'; url: string; live: boolean } | { kind: 'wait' } | { kind: 'failed' };

/** What of this browser and connection decides the source. */
export interface SourceOptions {
  /** The connection is slow or metered: the player chooses a smaller rendition. */
  saveData?: boolean;
  /** The original as it was uploaded, once it is known that this browser plays it. */
  original?: string | null;
}

const maxFileDuration = 5 * 60_000; // ms

/** The best source there is. A short finished clip is one file, without any player library. */
export function planOf(clip: Clip, means: SourceOptions = {}): Plan {
  const { media } = clip;
  if (clip.state === 'ready' && clip.duration_ms !== null && clip.duration_ms <= maxFileDuration && !means.saveData) {
    const file = isAudioOnly(clip) ? media.audio : media.video;
    if (file) return { kind: 'file', url: file };
  }
  if (media.master) return { kind: 'hls', url: media.master, live: isLive(clip) };
  if (clip.state === 'failed') return { kind: 'failed' };
  if (means.original) return { kind: 'file', url: means.original };
  return { kind: 'wait' };
}

/** Whether what plays grows. While a recorder goes on in a clip that had ended, what there was plays, until the whole is made. */
export const isLive = (clip: Clip): boolean => clip.state === 'recording' && clip.duration_ms === null;

/** Whether the clip is being made again, longer: its present files will be replaced. */
export const isBeingReplaced = (clip: Clip): boolean =>
  clip.duration_ms !== null && (clip.state === 'recording' || clip.state === 'processing');

/** Whether there is sound only. A file of unknown kind is taken for a picture until it is known. */
export function isAudioOnly(clip: Clip): boolean {
  return clip.kind === 'voice' || (clip.state === 'ready' && clip.width === null);
}

/** Whether playback may continue under the new plan: a finished recording keeps its playlist. */
export function isSameSource(a: Plan, b: Plan): boolean {
  return a.kind === b.kind && (a.kind === 'file' || a.kind === 'hls') && a.url === (b as { url: string }).url;
}

/** Why playback stopped. */
export type Fault = 'network' | 'media' | 'gone';

export interface SourceEvents {
  fault(why: Fault): void;
  /** The live edge in seconds, a little behind what exists; null once the clip is complete. */
  edge(at: number | null): void;
}

const hlsType = 'application/vnd.apple.mpegurl';
export const behindLive = 5; // seconds that playback keeps behind the newest segment

/** Safari plays HLS best itself; elsewhere hls.js does, and natively only where it cannot. */
export function playsNatively(media: HTMLMediaElement, scope: object = globalThis): boolean {
  const can = media.canPlayType(hlsType) !== '';
  return can && ('ManagedMediaSource' in scope || !('MediaSource' in scope));
}

/**
 * Lets the element play from `at` (seconds; null: the live edge of a recording). Playback.expect moves an element that
 * loads by itself; hls.js must know before, or it loads the wrong part first. Returns the function that stops it.
 */
export async function loadSource(
  media: HTMLMediaElement,
  plan: Plan & { url: string },
  at: number | null,
  on: SourceEvents,
  signal: AbortSignal,
): Promise<() => void> {
  if (plan.kind === 'hls' && !playsNatively(media)) {
    const { withHls } = await import('./hls');
    if (signal.aborted) return () => undefined;
    return withHls(media, plan.url, at, on);
  }
  return loadNatively(media, plan, on);
}

function loadNatively(media: HTMLMediaElement, plan: Plan & { url: string }, on: SourceEvents): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  media.addEventListener('error', () => on.fault(faultOf(media.error)), { signal });
  const edge = () => {
    const live = plan.kind === 'hls' && plan.live && !Number.isFinite(media.duration) && media.seekable.length > 0;
    on.edge(live ? Math.max(0, media.seekable.end(media.seekable.length - 1) - behindLive) : null);
  };
  for (const name of ['durationchange', 'progress']) media.addEventListener(name, edge, { signal });
  media.src = plan.url;
  return () => {
    stop.abort();
    media.removeAttribute('src');
    media.load();
  };
}

function faultOf(e: MediaError | null): Fault {
  if (e?.code === 2) return 'network'; // MEDIA_ERR_NETWORK
  return e?.code === 4 ? 'gone' : 'media'; // MEDIA_ERR_SRC_NOT_SUPPORTED is also what a 404 becomes
}

/** Asks what the original is and whether this browser plays it. */
export async function playableOriginal(url: string, media: HTMLMediaElement, signal: AbortSignal): Promise<boolean> {
  const r = await fetch(url, { method: 'HEAD', signal });
  const type = r.headers.get('Content-Type') ?? '';
  return r.ok && /^(video|audio)\//.test(type) && media.canPlayType(type) !== '';
}

/** Whether the browser asks to save data or has a slow connection. Unknown counts as neither. */
export function wantsSaveData(nav: Navigator = navigator): boolean {
  const c = (nav as Navigator & { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return c?.saveData === true || /^(slow-2g|2g|3g)$/.test(c?.effectiveType ?? '');
}
