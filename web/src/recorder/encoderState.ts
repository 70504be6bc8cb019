/** The states of an encoder: every transition is one pure function. */

import type { MediaGap } from './messages';

/** One encoder failed and another of the same kind went on in the same file. */
export interface Restart {
  atMs: number; // where the first one's media ends
  missedMs: number; // from there to the second one's
  soundAlone: boolean; // the second one records no picture
}

/** An encoder that gives media. */
export interface Running {
  name: 'running';
  soundAlone: boolean;
  missedMs: number; // before the kind of file that works was found
  restarts: Restart[];
}

/** Another encoder was started in the place of one whose media ends at `atMs`. */
export interface Restarting {
  name: 'restarting';
  atMs: number;
  after: number; // gaps there were before
  soundAlone: boolean;
  isSuspicion: boolean; // at the end of the recording: perhaps the first one was only late
  running: Running;
}

/** What is known of the encoder while it runs. */
export type EncoderState =
  | { name: 'starting' } // nothing came yet, and nothing is wrong yet
  | { name: 'trying'; soundAlone: boolean } // nothing came for too long: another kind of file is tried
  | Running
  | { name: 'slow'; pictures: number; running: Running } // a second
  | { name: 'stalled'; atMs: number; running: Running } // it came to a standstill, and its file cannot be continued
  | Restarting
  | { name: 'failed' }; // nothing more comes, of no kind

export type EncoderEvent =
  | { on: 'try'; soundAlone: boolean } // the next kind was started
  | { on: 'choose'; soundAlone: boolean; missedMs: number } // the first media came
  | { on: 'stall'; atMs: number } // no media for too long
  | { on: 'media'; ms: number; gap: MediaGap | null } // media up to here; the last gap in it
  | ({ on: 'restart' } & Omit<Restarting, 'name' | 'running'>) // another encoder was started in its place
  | { on: 'pictures'; perSecond: number }
  | { on: 'fail' }; // nothing else can be tried

/** Fewer pictures a second than this are no video. */
export const FEWEST_PICTURES = 10;

/** Less than this (ms) between two encoders nobody notices. */
export const NOTICED_GAP_MS = 50;

/** What is missing of a recording because its encoder was replaced. */
export const totalMissedMs = (restarts: Restart[]) => restarts.reduce((sum, r) => sum + r.missedMs, 0);

/** How many gaps that are. */
export const noticedGaps = (restarts: Restart[]) => (totalMissedMs(restarts) < NOTICED_GAP_MS ? 0 : restarts.length);

export const startingEncoder: EncoderState = { name: 'starting' };

/** The next state. What does not fit (media of an encoder that was given up) changes nothing. */
export function nextEncoderState(s: EncoderState, e: EncoderEvent): EncoderState {
  switch (e.on) {
    case 'try':
      return s.name === 'starting' || s.name === 'trying' ? { name: 'trying', soundAlone: e.soundAlone } : s;
    case 'choose':
      return s.name === 'starting' || s.name === 'trying'
        ? { name: 'running', soundAlone: e.soundAlone, missedMs: e.missedMs, restarts: [] }
        : s;
    case 'stall':
      return s.name === 'running' || s.name === 'slow' ? { name: 'stalled', atMs: e.atMs, running: runningOf(s) } : s;
    case 'media':
      return onMedia(s, e.ms, e.gap);
    case 'restart': {
      // Of one that gave nothing either, the file still ends where the first one failed.
      if (s.name === 'restarting') return { ...s, soundAlone: e.soundAlone };
      const { on: _, ...restart } = e;
      return 'running' in s || s.name === 'running' ? { name: 'restarting', ...restart, running: runningOf(s) } : s;
    }
    case 'pictures':
      if (s.name !== 'running' && s.name !== 'slow') return s;
      return e.perSecond < FEWEST_PICTURES ? { name: 'slow', pictures: e.perSecond, running: runningOf(s) } : runningOf(s);
    case 'fail':
      return { name: 'failed' };
  }
}

const runningOf = (s: Running | { running: Running }): Running => ('running' in s ? s.running : s);

/** What the first encoder still gives belongs before the gap. */
function onMedia(s: EncoderState, ms: number, gap: MediaGap | null): EncoderState {
  if (s.name === 'stalled') return ms > s.atMs ? s.running : s;
  if (s.name !== 'restarting') return s;
  if (!gap || gap.number <= s.after) return ms > s.atMs ? { ...s, atMs: ms } : s;
  const { soundAlone, running, isSuspicion } = s;
  if (isSuspicion && gap.missedMs < NOTICED_GAP_MS) return running;
  const restarts = [...running.restarts, { atMs: gap.atMs, missedMs: gap.missedMs, soundAlone }];
  return { ...running, soundAlone: running.soundAlone || soundAlone, restarts };
}

/** What was restarted so far. */
export function restartsOf(s: EncoderState): Restart[] {
  if (s.name === 'running') return s.restarts;
  return 'running' in s ? s.running.restarts : [];
}

/** The same state with its times `ms` later: those of the clip that a recording goes on in. */
export function delayState(s: EncoderState, ms: number): EncoderState {
  if (ms === 0) return s;
  if (s.name === 'running') return delayRunning(s, ms);
  if (!('running' in s)) return s;
  const running = delayRunning(s.running, ms);
  return s.name === 'slow' ? { ...s, running } : { ...s, atMs: s.atMs + ms, running };
}

const delayRunning = (s: Running, ms: number): Running => ({
  ...s,
  restarts: s.restarts.map((r) => ({ ...r, atMs: r.atMs + ms })),
});
