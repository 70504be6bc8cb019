/** The states of sending: every transition is one pure function. */
import type { SpoolProgress } from './messages';
import type { Problem } from './phase';
import type { UploadTrouble } from './request';
import type { SaveState } from './saved';

export type SaveEvent =
  | { on: 'open'; disk: boolean }
  | { on: 'progress'; progress: SpoolProgress; media: SaveState['media'] }
  | { on: 'trouble'; trouble: UploadTrouble | null } // null: it is over
  | { on: 'proxyLimit'; bytes: number }
  | { on: 'refuse'; refusal: Problem }
  | { on: 'retry' } // the same upload goes on
  | { on: 'renew' }; // all of it is sent again, as a new clip

/** Where sending is: it goes on, waits for the end of a trouble, or was refused and goes on when somebody says so. */
export type SendingName = 'sending' | 'waiting' | 'refused';

export function sendingOf({ refusal, trouble }: Pick<SaveState, 'refusal' | 'trouble'>): SendingName {
  if (refusal) return 'refused';
  return trouble ? 'waiting' : 'sending';
}

/** The next state. What does not fit (trouble of a request that was refused meanwhile) changes nothing. */
export function nextSaveState(s: SaveState, e: SaveEvent): SaveState {
  switch (e.on) {
    case 'open':
      return { ...s, disk: e.disk };
    case 'progress': {
      const { recorded, onDisk, durable, inMemory } = e.progress;
      return { ...s, recorded, onDisk, durable, inMemory, media: e.media };
    }
    case 'trouble':
      return s.refusal ? s : { ...s, trouble: e.trouble };
    case 'proxyLimit':
      return { ...s, proxyLimit: e.bytes };
    case 'refuse':
      return { ...s, trouble: null, refusal: e.refusal };
    case 'retry':
      return { ...s, trouble: null, refusal: null };
    case 'renew':
      return { ...s, trouble: null, refusal: null, durable: 0, media: s.media && { ...s.media, durableMs: 0 } };
  }
}
