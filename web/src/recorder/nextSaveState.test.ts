import { describe, expect, it } from 'vitest';
import { nextSaveState, sendingOf, type SaveEvent, type SendingName } from './nextSaveState';
import { initialSaveState, type SaveState } from './saved';

const refusal = { code: 'quota', title: 'The workspace is full', text: 'The workspace is full.' };
const sent = { ...initialSaveState, recorded: 9, durable: 5, media: { recordedMs: 3000, durableMs: 1000 } };
const states: Record<SendingName, SaveState> = {
  sending: sent,
  waiting: { ...sent, trouble: 'offline' },
  refused: { ...sent, refusal },
};
const names = Object.keys(states) as SendingName[];
const progress = { recorded: 10, onDisk: 10, durable: 7, inMemory: 0 };

/** Where each event leads; from anywhere else it changes nothing of whether it is sent. */
const transitions: [SaveEvent, Partial<Record<SendingName, SendingName>>][] = [
  [{ on: 'open', disk: false }, {}],
  [{ on: 'progress', progress, media: null }, {}],
  [{ on: 'proxyLimit', bytes: 1_000_000 }, {}],
  [{ on: 'trouble', trouble: 'unreachable' }, { sending: 'waiting' }],
  [{ on: 'trouble', trouble: null }, { waiting: 'sending' }],
  [
    { on: 'refuse', refusal },
    { sending: 'refused', waiting: 'refused' },
  ],
  [{ on: 'retry' }, { waiting: 'sending', refused: 'sending' }],
  [{ on: 'renew' }, { waiting: 'sending', refused: 'sending' }],
];

describe('nextSaveState', () => {
  it.each(transitions.flatMap(([event, leads]) => names.map((from) => [event.on, from, leads[from] ?? from, event] as const)))(
    '%s leads from %s to %s',
    (_, from, to, event) => expect(sendingOf(nextSaveState(states[from], event))).toBe(to),
  );

  it.each<[SaveEvent, Partial<SaveState>]>([
    [{ on: 'open', disk: false }, { disk: false }],
    [
      { on: 'progress', progress, media: null },
      { ...progress, media: null },
    ],
    [{ on: 'proxyLimit', bytes: 1_000_000 }, { proxyLimit: 1_000_000 }],
    [{ on: 'trouble', trouble: 'full' }, { trouble: 'full' }],
    [{ on: 'retry' }, {}],
    [{ on: 'renew' }, { durable: 0, media: { recordedMs: 3000, durableMs: 0 } }],
  ])('%o changes just what it says', (event, changed) => expect(nextSaveState(sent, event)).toEqual({ ...sent, ...changed }));
});
