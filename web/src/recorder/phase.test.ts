import { describe, expect, it } from 'vitest';
import { elapsedMs, isLive, nextPhase, ready, hasUnsentData, type Action, type Phase } from './phase';

const why = { code: 'quota', title: 'Full', text: 'The workspace is full.' };
const at: Record<Phase['name'], Phase> = {
  ready,
  asking: { name: 'asking' },
  countdown: { name: 'countdown', left: 2 },
  recording: { name: 'recording', since: 1000, before: 500 },
  paused: { name: 'paused', before: 700 },
  sending: { name: 'sending', length: 900 },
  kept: { name: 'kept', length: 900, why },
  done: { name: 'done', clipId: 'C1', to: '/c/C1' },
  failed: { name: 'failed', why, length: 0 },
};
const names = Object.keys(at) as Phase['name'][];

/** What each action leads to, by where it comes; from anywhere else it changes nothing. */
const table: [Action, Partial<Record<Phase['name'], Phase>>][] = [
  [{ do: 'ask' }, { ready: at.asking, failed: at.asking }],
  [
    { do: 'cancel', note: 'Nothing was shared.' },
    { asking: { name: 'ready', note: 'Nothing was shared.' }, countdown: { name: 'ready', note: 'Nothing was shared.' } },
  ],
  [{ do: 'count', from: 3 }, { asking: { name: 'countdown', left: 3 } }],
  [{ do: 'tick' }, { countdown: { name: 'countdown', left: 1 } }],
  [
    { do: 'begin', at: 9 },
    { asking: { name: 'recording', since: 9, before: 0 }, countdown: { name: 'recording', since: 9, before: 0 } },
  ],
  [{ do: 'pause', at: 1400 }, { recording: { name: 'paused', before: 900 } }],
  [{ do: 'resume', at: 2000 }, { paused: { name: 'recording', since: 2000, before: 700 } }],
  [
    { do: 'skip', ms: 300 },
    { recording: { name: 'recording', since: 1000, before: 200 }, paused: { name: 'paused', before: 400 } },
  ],
  [
    { do: 'stop', at: 1600 },
    { recording: { name: 'sending', length: 1100 }, paused: { name: 'sending', length: 700 } },
  ],
  [
    { do: 'stop', at: 1600, why },
    { recording: { name: 'kept', length: 1100, why }, paused: { name: 'kept', length: 700, why } },
  ],
  [{ do: 'refuse', why }, { sending: at.kept }],
  [{ do: 'retry' }, { kept: at.sending }],
  [{ do: 'finish', clipId: 'C1', to: '/c/C1' }, { sending: at.done }],
];

describe('next', () => {
  it.each(table.flatMap(([action, leads]) => names.map((from) => [action.do, from, action, leads[from]] as const)))(
    '%s from %s',
    (_, from, action, to) => {
      expect(nextPhase(at[from], action)).toEqual(to ?? at[from]);
    },
  );

  it.each(names)('a failure ends %s, unless all is done', (from) => {
    const failed = nextPhase(at[from], { do: 'fail', why, at: 1500 });
    if (from === 'done') expect(failed).toBe(at.done);
    else expect(failed).toEqual({ name: 'failed', why, length: elapsedMs(at[from], 1500) });
  });

  it.each(names)('reset leads from %s to the start', (from) => expect(nextPhase(at[from], { do: 'reset' })).toEqual(ready));

  it('the countdown stops at zero', () => {
    const zero: Phase = { name: 'countdown', left: 0 };
    expect(nextPhase(zero, { do: 'tick' })).toBe(zero);
  });
});

it('pauses do not count', () => {
  let p = nextPhase(nextPhase(ready, { do: 'ask' }), { do: 'begin', at: 0 });
  p = nextPhase(p, { do: 'pause', at: 3000 });
  p = nextPhase(p, { do: 'resume', at: 60_000 });
  expect(elapsedMs(p, 62_000)).toBe(5000);
  expect(elapsedMs(nextPhase(p, { do: 'stop', at: 63_000 }), 99_000)).toBe(6000);
});

it.each<[Phase['name'], boolean, boolean]>([
  ['ready', false, false],
  ['asking', false, false],
  ['countdown', false, false],
  ['recording', true, true],
  ['paused', true, true],
  ['sending', false, true],
  ['kept', false, true],
  ['done', false, false],
  ['failed', false, false],
])('%s: live %s, unsafe to leave %s', (name, live, isUnsafe) => {
  expect(isLive(at[name])).toBe(live);
  expect(hasUnsentData(at[name])).toBe(isUnsafe);
});
