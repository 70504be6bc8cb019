/** The state machine of a recording: every transition is one pure function. */

/** Something that cannot go on, in words for people. */
export interface Problem {
  code: string;
  title: string;
  text: string;
  /** Instead of the text while a recording runs. */
  whileLive?: string;
}

export type Phase =
  | { name: 'ready'; note: string } // note: why we are here again, or ''
  | { name: 'asking' } // the browser asks for permission
  | { name: 'countdown'; left: number } // seconds
  | { name: 'recording'; since: number; before: number } // ms: on the clock of performance.now(); recorded before the last pause
  | { name: 'paused'; before: number }
  | { name: 'sending'; length: number } // stopped; the rest is on its way
  | { name: 'kept'; length: number; why: Problem } // stopped; the server will not have it, this computer does
  | { name: 'done'; clipId: string; to: string } // to: the page to go to
  | { name: 'failed'; why: Problem; length: number }; // this page cannot go on; length > 0: something was recorded

export type Action =
  | { do: 'ask' }
  | { do: 'cancel'; note?: string } // before anything was recorded
  | { do: 'count'; from: number }
  | { do: 'tick' }
  | { do: 'begin'; at: number }
  | { do: 'pause'; at: number }
  | { do: 'resume'; at: number }
  | { do: 'skip'; ms: number } // the clock ran before anything was recorded
  | { do: 'stop'; at: number; why?: Problem } // why: the server has refused it already
  | { do: 'refuse'; why: Problem }
  | { do: 'retry' }
  | { do: 'finish'; clipId: string; to: string }
  | { do: 'fail'; why: Problem; at: number }
  | { do: 'reset' };

export const ready: Phase = { name: 'ready', note: '' };

/** Milliseconds recorded so far, pauses not counted. */
export function elapsedMs(p: Phase, now: number): number {
  if (p.name === 'recording') return p.before + Math.max(0, now - p.since);
  if (p.name === 'paused') return p.before;
  if (p.name === 'sending' || p.name === 'kept' || p.name === 'failed') return p.length;
  return 0;
}

/** Whether the recorder is running. */
export const isLive = (p: Phase) => p.name === 'recording' || p.name === 'paused';

/** Whether leaving the page now would cost something: the browser asks first. */
export const hasUnsentData = (p: Phase) => isLive(p) || p.name === 'sending' || p.name === 'kept';

/** The next phase. An action that does not fit (a click that came too late) changes nothing. */
export function nextPhase(p: Phase, a: Action): Phase {
  switch (a.do) {
    case 'ask':
      return p.name === 'ready' || p.name === 'failed' ? { name: 'asking' } : p;
    case 'cancel':
      return p.name === 'asking' || p.name === 'countdown' ? { name: 'ready', note: a.note ?? '' } : p;
    case 'count':
      return p.name === 'asking' ? { name: 'countdown', left: a.from } : p;
    case 'tick':
      return p.name === 'countdown' && p.left > 0 ? { ...p, left: p.left - 1 } : p;
    case 'begin':
      return p.name === 'asking' || p.name === 'countdown' ? { name: 'recording', since: a.at, before: 0 } : p;
    case 'pause':
      return p.name === 'recording' ? { name: 'paused', before: elapsedMs(p, a.at) } : p;
    case 'resume':
      return p.name === 'paused' ? { name: 'recording', since: a.at, before: p.before } : p;
    case 'skip':
      return isLive(p) ? { ...p, before: p.before - a.ms } : p;
    case 'stop':
      return isLive(p) ? stopped(elapsedMs(p, a.at), a.why) : p;
    case 'refuse':
      return p.name === 'sending' ? stopped(p.length, a.why) : p;
    case 'retry':
      return p.name === 'kept' ? { name: 'sending', length: p.length } : p;
    case 'finish':
      return p.name === 'sending' ? { name: 'done', clipId: a.clipId, to: a.to } : p;
    case 'fail':
      return p.name === 'done' ? p : { name: 'failed', why: a.why, length: elapsedMs(p, a.at) };
    case 'reset':
      return ready;
  }
}

const stopped = (length: number, why?: Problem): Phase => (why ? { name: 'kept', length, why } : { name: 'sending', length });
