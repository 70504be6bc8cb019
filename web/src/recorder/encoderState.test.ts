import { expect, it } from 'vitest';
import { delayState, nextEncoderState, restartsOf, type EncoderEvent, type EncoderState, type Running } from './encoderState';

const running: Running = { name: 'running', soundAlone: false, missedMs: 5000, restarts: [] };
const restart = { atMs: 40_000, missedMs: 1200, soundAlone: false };
const states: Record<EncoderState['name'], EncoderState> = {
  starting: { name: 'starting' },
  trying: { name: 'trying', soundAlone: false },
  running,
  slow: { name: 'slow', pictures: 3, running },
  stalled: { name: 'stalled', atMs: 40_000, running },
  restarting: { name: 'restarting', atMs: 40_000, after: 1, soundAlone: false, isSuspicion: false, running },
  failed: { name: 'failed' },
};
type Name = keyof typeof states;
const events: Record<string, EncoderEvent> = {
  try: { on: 'try', soundAlone: true },
  choose: { on: 'choose', soundAlone: false, missedMs: 5000 },
  stall: { on: 'stall', atMs: 40_000 },
  'media before the gap': { on: 'media', ms: 40_500, gap: { number: 1, atMs: 9000, missedMs: 7 } },
  'media after the gap': { on: 'media', ms: 42_000, gap: { number: 2, atMs: 40_000, missedMs: 1200 } },
  restart: { on: 'restart', atMs: 40_000, after: 1, soundAlone: false, isSuspicion: false },
  'few pictures': { on: 'pictures', perSecond: 4 },
  'many pictures': { on: 'pictures', perSecond: 30 },
  fail: { on: 'fail' },
};

/** Every transition there is; any other event changes nothing. */
const transitions: [from: Name, event: string, to: EncoderState][] = [
  ['starting', 'try', { name: 'trying', soundAlone: true }],
  ['trying', 'try', { name: 'trying', soundAlone: true }],
  ['starting', 'choose', running],
  ['trying', 'choose', running],
  ['running', 'stall', states.stalled],
  ['slow', 'stall', states.stalled],
  ['stalled', 'media before the gap', running],
  ['stalled', 'media after the gap', running],
  ['running', 'restart', states.restarting],
  ['slow', 'restart', states.restarting],
  ['stalled', 'restart', states.restarting],
  ['restarting', 'restart', states.restarting],
  ['restarting', 'media before the gap', { ...states.restarting, atMs: 40_500 } as EncoderState],
  ['restarting', 'media after the gap', { ...running, restarts: [restart] }],
  ['running', 'few pictures', { name: 'slow', pictures: 4, running }],
  ['slow', 'few pictures', { name: 'slow', pictures: 4, running }],
  ['running', 'many pictures', running],
  ['slow', 'many pictures', running],
  ...(Object.keys(states) as Name[]).map((from): [Name, string, EncoderState] => [from, 'fail', { name: 'failed' }]),
];

it.each(transitions)('%s, %s', (from, event, to) => {
  expect(nextEncoderState(states[from], events[event]!)).toEqual(to);
});

it('nothing else changes a state', () => {
  for (const from of Object.keys(states) as Name[])
    for (const event of Object.keys(events))
      if (!transitions.some(([f, e]) => f === from && e === event))
        expect(nextEncoderState(states[from], events[event]!), `${from}, ${event}`).toBe(states[from]);
});

it('a second encoder that gives nothing either does not move the end of the file', () => {
  const restart: EncoderEvent = { on: 'restart', atMs: 0, after: 1, soundAlone: true, isSuspicion: false };
  const again = nextEncoderState(states.restarting, restart);
  const ended = nextEncoderState(again, { on: 'media', ms: 47_000, gap: { number: 2, atMs: 40_000, missedMs: 6000 } });
  expect(restartsOf(ended)).toEqual([{ atMs: 40_000, missedMs: 6000, soundAlone: true }]);
  expect(ended).toMatchObject({ name: 'running', soundAlone: true });
});

it.each([
  [20, 0],
  [1200, 1],
])('an encoder that was only suspected at the end, with %i ms missing, makes %i restart', (missedMs, count) => {
  const suspected = { ...states.restarting, isSuspicion: true } as EncoderState;
  const ended = nextEncoderState(suspected, { on: 'media', ms: 42_000, gap: { number: 2, atMs: 40_000, missedMs } });
  expect(ended.name).toBe('running');
  expect(restartsOf(ended)).toHaveLength(count);
});

it.each<[Name, object]>([
  ['stalled', { atMs: 47_000 }],
  ['restarting', { atMs: 47_000 }],
  ['slow', { pictures: 3 }],
])('%s: its times can be those of a clip that was there before', (name, times) => {
  const restarted = { ...running, restarts: [restart] };
  const later = { ...running, restarts: [{ ...restart, atMs: 47_000 }] };
  expect(delayState({ ...states[name], running: restarted } as EncoderState, 7000)).toEqual({ ...states[name], ...times, running: later });
  expect(delayState(restarted, 7000)).toEqual(later);
});
