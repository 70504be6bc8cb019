import { describe, expect, it } from 'vitest';
import type { DeviceKind, DeviceState } from '../devices';
import type { EncoderState, Running } from '../encoderState';
import type { Problem } from '../phase';
import * as problem from '../problem';
import { refusalActions } from '../refusalActions';
import { initialSaveState, summarizeSaved } from '../saved';
import * as checked from './check';
import * as continuing from './continuing';
import * as said from './encoder';
import * as limit from './limit';
import * as recovery from './recovery';
import * as sending from './sending';
import * as start from './start';

/** When a sentence is read: before anything is recorded, while it is, afterwards; `word`: no sentence, but a label or a part of one. */
type When = 'before' | 'while' | 'after' | 'word';
type Row = [of: string, when: When, text: string];

const whole = (p: { title: string; text: string }) => `${p.title}. ${p.text}`.replace(/([.?])\. /, '$1 ');
const usb = { id: 'u', label: 'USB microphone' };
const lid = { id: 'l', label: 'Lid microphone' };
const limits = { lengthMs: 43_200_000, bytes: 2e9, workspaceBytes: null, diskBytes: null };
const meta = { title: '', kind: 'camera', lengthMs: 20_900, clipId: null } as never as Parameters<typeof recovery.recoveryText>[0];
const agents = [
  'Chrome/140.0.0.0',
  'Firefox/140.0',
  'Macintosh; Intel Mac OS X Version/18.0 Safari/605.1.15',
  'iPhone Version/18.0 Mobile Safari/604.1',
];

const browsers: Row[] = [
  { secure: false, devices: true, recorder: true, workers: true, screen: true },
  { secure: true, devices: false, recorder: true, workers: true, screen: true },
].map((b) => ['unsupported', 'before', whole(problem.unsupported(b, 'http://192.168.1.5:8080')!)]);

const captures: Row[] = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].flatMap((name) =>
  agents.flatMap((agent) =>
    [
      problem.captureProblem(new DOMException('x is bad', name), { screen: true }, agent),
      problem.captureProblem(new DOMException('x is bad', name), { screen: false, camera: true, microphone: true }, agent),
      problem.captureProblem(new DOMException('denied by system', name), { screen: false, camera: true, microphone: false }, agent),
    ].flatMap((p): Row[] => (p ? [['captureProblem', 'before', whole(p)]] : [])),
  ),
);

const running: Running = { name: 'running', soundAlone: false, missedMs: 0, restarts: [] };
const restart = { atMs: 42_000, missedMs: 1200, soundAlone: false };
const encoder: Row[] = (
  [
    { name: 'trying', soundAlone: false },
    { name: 'trying', soundAlone: true },
    { name: 'failed' },
    { name: 'stalled', atMs: 42_000, running },
    { name: 'restarting', atMs: 42_000, after: 0, soundAlone: false, isSuspicion: false, running },
    { name: 'slow', pictures: 3, running },
    { name: 'slow', pictures: 3, running: { ...running, restarts: [restart] } },
    { ...running, soundAlone: true, missedMs: 5000 },
    { ...running, missedMs: 5000 },
    { ...running, restarts: [restart] },
    { ...running, restarts: [{ ...restart, soundAlone: true }] },
  ] satisfies EncoderState[]
).map((s) => {
  const { text, more } = said.encoderNotice(s)!;
  return ['encoderNotice', 'while', `${text && `${text}. `}${more}`];
});
encoder.push(['restartNotice', 'while', `${said.restartNotice([restart])} Recording goes on.`]);

const check = { missingMs: 1300, soundBehindMs: 700, lacksPicture: true, lacksSound: true };
const restarts = [restart, { ...restart, soundAlone: true }];
const ends: Row[] = (['sharing', 'camera', 'microphone', 'devices', 'encoder', 'stalled'] as const).flatMap((reason): Row[] => [
  ['endNotice', 'after', whole(problem.endNotice({ reason, atMs: 42_000 }, null)!)],
  ['endNotice', 'after', whole(problem.endNotice({ reason, atMs: 42_000 }, null, restarts)!)],
  ['endingTitle', 'after', `${problem.endingTitle({ reason, atMs: 42_000 })} ${recovery.keptUntilEnd}`],
]);

const states: DeviceState[] = [
  { name: 'switching', lost: usb },
  { name: 'replaced', device: lid, lost: usb, back: false },
  { name: 'replaced', device: lid, lost: usb, back: true },
  { name: 'missing', lost: usb, isDenied: false },
  { name: 'missing', lost: usb, isDenied: true },
  { name: 'muted', device: usb, lost: null },
];
const kinds: DeviceKind[] = ['camera', 'microphone'];
const devices: Row[] = kinds.flatMap((kind) =>
  states.flatMap((state) =>
    [true, false].flatMap((idle) =>
      [true, false].flatMap((fixed) =>
        [{ silent: true }, { silent: false }, { silent: true, screen: true }, { silent: false, screen: true }].map((now): Row => {
          return ['deviceNotice', idle ? 'before' : 'while', problem.deviceNotice(kind, state, { idle, fixed, ...now })!.text];
        }),
      ),
    ),
  ),
);

const codes = 'quota too_large proxy_limit trashed no_access unsupported_media gone not_found forbidden lost busy failed odd'.split(' ');
const refusals: Row[] = codes.flatMap((code) =>
  [true, false].flatMap((here) =>
    [true, false].map((live): Row => {
      const why = sending.refusal(code, code === 'failed' ? 'TypeError: x is not a function' : 'The server says why.');
      return ['refusedText', live ? 'while' : 'after', `${why.title}. ${sending.refusedText(why, here, live)}`];
    }),
  ),
);

const troubles: Row[] = (['offline', 'unreachable', 'failing', 'full', 'busy', 'signed_out'] as const).flatMap((trouble) =>
  [0, 5e6].map((inMemory): Row => {
    const { text, more } = summarizeSaved({ ...initialSaveState, recorded: 9e6, inMemory, trouble });
    return ['troubleNotice', 'while', `${text}. ${more}`];
  }),
);

const limited: Row[] = (['length', 'bytes', 'workspaceBytes', 'diskBytes'] as const).map((kind) => [
  'limitNotice',
  'while',
  limit.limitNotice({ kind, leftMs: 272_000 }, limits),
]);

const unheard: Row[] = [
  { silent: true, stalled: false, fixed: false },
  { silent: true, stalled: true, fixed: false },
  { silent: true, stalled: true, fixed: true },
  { silent: false, stalled: false, fixed: false, late: true },
].map((s) => ['unheardNotice', 'while', problem.unheardNotice(s)]);

const room = (kind: 'length' | 'bytes' | 'workspaceBytes' | 'diskBytes') => checked.roomNotice({ kind, ms: 272_000 }, limits);
const hearing = { muted: false, stalled: false, heard: false, silent: false, level: 0 };
const before: Row[] = [
  ...[{ muted: true }, { stalled: true }, { silent: true }].map((some): Row => [
    'hearingNotice',
    'before',
    checked.hearingNotice({ ...hearing, ...some }).text,
  ]),
  ...(['length', 'bytes', 'workspaceBytes', 'diskBytes'] as const).map((kind): Row => ['roomNotice', 'before', room(kind).text]),
  ...(['offline', 'unreachable', 'signed_out'] as const).map((trouble): Row => {
    return ['connectionNotice', 'before', checked.connectionNotice({ trouble, bytesPerMs: null }, 300)!.text];
  }),
  ['connectionNotice', 'while', checked.connectionNotice({ trouble: null, bytesPerMs: 100 }, 300)!.text],
  ...(['default', 'failed'] as const).map((outcome): Row => ['speakerProblem', 'before', checked.speakerProblem(outcome, 'Headset')]),
  ['echoIsEmpty', 'before', checked.echoIsEmpty],
];

const words = (of: string, list: string[]) => list.map((text): Row => [of, 'word', text]);

const continued: Row[] = [
  ['continueNotice', 'before', continuing.continueNotice({ clipId: 'C1', startMs: 4000, mime: '' })],
  ['continueNotice', 'before', continuing.continueNotice(null)],
  ['separateNotice', 'after', whole(continuing.separateNotice(''))],
  ['separateNotice', 'after', whole(continuing.separateNotice('A recording can be continued for an hour after its end.'))],
];

/** Where a button follows that says what to do, its words are part of the row. */
const rows: Row[] = [
  ...continued,
  ...browsers,
  ...captures,
  ...encoder,
  ...ends,
  ...devices,
  ...refusals,
  ...troubles,
  ...limited,
  ...unheard,
  ...before,
  ['cannotStart', 'before', whole(problem.cannotStart)],
  ['brokenRecorder', 'after', whole(problem.brokenRecorder(true))],
  ['brokenRecorder', 'after', whole(problem.brokenRecorder(false))],
  ['notLoaded', 'after', whole(problem.notLoaded)],
  ['nothingRecorded', 'after', whole(problem.nothingRecorded)],
  ['clockNotice', 'after', whole(problem.endNotice(null, check)!)],
  ['lostBeforeStart', 'before', problem.lostBeforeStart('camera')],
  ['mutedNotice', 'while', problem.mutedNotice],
  ['signIn', 'while', `${sending.signIn}, and sending goes on by itself.`],
  ['fullDisk', 'while', sending.fullDisk],
  ['noCopy', 'while', sending.noCopy],
  ['restIsComing', 'while', sending.restIsComing],
  ['proxyLimitNotice', 'while', sending.proxyLimitNotice(900_000)],
  ['keptNotice', 'while', sending.keptNotice(false, true)],
  ['serverFull', 'while', whole(sending.serverFull(true))],
  ['serverFull', 'while', whole(sending.serverFull(false))],
  [
    'recoveryText',
    'after',
    `${recovery.recoveryTitle(meta)}. ${recovery.recoveryText({ ...meta, onDiskMs: 4000 }, 3e6, 'an hour ago')} Recover it.`,
  ],
  ['recoveryText', 'after', `${recovery.recoveryText({ ...meta, clipId: 'c' }, 3e6, 'an hour ago')} Recover it.`],
  ['recovered', 'after', `${whole(recovery.recovered)} Open the clip.`],
  ['canClosePage', 'after', recovery.canClosePage],
  ['cutOffFile', 'after', `${whole(recovery.cutOffFile(4000, 20_900))} Save this part.`],
  ['cutOffFile', 'after', `${whole(recovery.cutOffFile(4000, 20_900, false))} Save this part.`],
  ['emptyFile', 'after', whole(recovery.emptyFile)],
  ['noFile', 'after', recovery.noFile],
  ['nothingShared', 'before', start.nothingShared],
  ['sharingStoppedBefore', 'before', start.sharingStoppedBefore],
  ['noSpace', 'before', whole(start.noSpace('The disk is full. Ask whoever runs the server.'))],
  ['unheardBefore', 'before', start.unheardBefore],
  ['keepsMicrophone', 'while', start.keepsMicrophone],
  ...words('keptUntilEnd', [recovery.keptUntilEnd]),
  ...words('recoveryTitle', [recovery.recoveryTitle(meta)]),
  ...words('sendingRest', [recovery.sendingRest]),
  ...words('shareNotice', [sending.shareNotice(true), sending.shareNotice(false)]),
  ...[
    recovery.discardQuestion(63_000, 'recording'),
    recovery.discardQuestion(63_000, 'recording', true),
    recovery.discardQuestion(63_000, 'stopped'),
    recovery.restartQuestion(63_000, false),
    recovery.discardRecoveryQuestion,
  ].flatMap((q) => words('questions', Object.values(q))),
  ...words('stageWords', [
    ...Object.values(start.stageWords).flatMap((w) => (typeof w === 'string' ? [w] : [w(true), w(false)])),
    start.screenKept,
    start.noScreens,
    start.nothingRecordedYet,
    start.withoutMicrophone,
    start.saySomething,
  ]),
  ...words('checkWords', [
    ...Object.values(checked.checkWords).flatMap((w) => (typeof w === 'string' ? [w] : [w(true), w(false)])),
    checked.hearingNotice({ ...hearing, heard: true }).text,
    checked.roomNotice({ kind: 'length', ms: 43_200_000 }, limits).text,
    checked.connectionNotice({ trouble: null, bytesPerMs: 400 }, 300)!.text,
  ]),
  ...words('continueAction', [continuing.continueAction]),
  ...words('anotherAction', [continuing.anotherAction]),
  ...words('sentAmount', [sending.sentAmount(null, { durable: 1, recorded: 2 })]),
  ...words('savedWords', [sending.savedWords.starting, sending.savedWords.onlyHere]),
  ...words('minutesLeft', [limit.minutesLeft(1), limit.minutesLeft(4)]),
  ...words('recordWithout', [problem.recordWithout(['camera']), problem.recordWithout(kinds)]),
];

const jargon =
  /\b(MediaRecorder|codec|stream|track|API|HTTP|OPFS|quota|buffer|undefined|null|exception|\w+Error|tus|offset|mime|bitrate|fps|worker)\b/i;
/** What is not lost, or that there was nothing to lose. */
const safe =
  /\b(saved?|kept|keeps|safe|sent|recorded|goes on|going on|go on|on the server|on this computer|in (this|the) tab|smaller parts|not affected|recording ends|nothing is recorded yet|shorter)\b/i;
/** What to do, or that it goes on without anybody. */
const toDo =
  /\b(try|use|open|connect|choose|click|tap|allow|close|stop|start|save|send|record|load|look|take|keep|leave|unmute|press|sign in|ask|in the menu|goes on|going on|is started|is (this|the) microphone|is the microphone|being started again|nothing was recorded yet|come to an end|may also|recover it|go on|complete|smaller parts|looking for another|trying another|trying to record|on its way|recording ends|see yourself|up to there is (saved|kept))\b/i;

describe('each sentence of the recorder', () => {
  it.each(rows)('%s, %s: %s', (_, when, text) => {
    expect(text.length).toBeLessThan(when === 'word' ? 140 : 330);
    expect(text).toMatch(/^[\p{Lu}\d]/u);
    expect(text).not.toMatch(/!|\s{2}|\.\.|undefined|\[object/);
    expect(text.replace(/https?:\/\/\S*/g, '')).not.toMatch(jargon);
    expect(text).not.toMatch(/is bad|denied by system|is not a function/); // a browser's own words
    if (when === 'word') return;
    expect(text).toMatch(/[.?)…]$/);
    expect(text).toMatch(toDo);
    if (when !== 'before') expect(text).toMatch(safe);
  });

  it('is in the table', () => {
    const tested = new Set(rows.map(([of]) => of));
    const all = Object.entries({ ...problem, ...said, ...checked, ...continuing, ...limit, ...recovery, ...sending, ...start }).filter(
      ([name]) => !tested.has(name),
    );
    const apart = ['SHORT_ROOM', 'isCutOff', 'discardQuestion', 'restartQuestion', 'discardRecoveryQuestion', 'refusal']; // no words, or in other rows
    const onStage = ['screenKept', 'noScreens', 'nothingRecordedYet', 'withoutMicrophone', 'saySomething'];
    expect(all.map(([name]) => name).filter((name) => !apart.includes(name) && !onStage.includes(name))).toEqual([]);
  });
});

it('a refusal speaks of a file, while it is being recorded, only after Stop', () => {
  for (const code of codes) {
    const why = sending.refusal(code, 'The server says why.');
    expect(sending.refusedText(why, true, true)).not.toMatch(/(?<!stop and )save .* as a file/i);
    expect(sending.refusedText(why, true, false)).not.toMatch(/stop/i);
  }
});

it('a part that is gone is not said to be kept', () => {
  expect(sending.refusedText(sending.refusal('lost', ''), true, true)).not.toMatch(/Everything you recorded is kept/);
});

it('a refusal offers no new clip in words where there is no button for it', () => {
  const offers = (p: Problem) => /new clip/.test(p.text);
  for (const code of codes) if (offers(sending.refusal(code, ''))) expect([code, refusalActions(code, true).renew]).toEqual([code, true]);
  for (const code of codes)
    if (/try again/i.test(sending.refusal(code, '').text)) expect([code, refusalActions(code, true).retry]).toEqual([code, true]);
});

it('a question says that the recording goes on, while it does', () => {
  const discard = (phase: 'recording' | 'paused' | 'stopped', continues = false) => recovery.discardQuestion(63_000, phase, continues).text;
  const restart = (isPaused: boolean) => recovery.restartQuestion(63_000, isPaused).text;
  for (const text of [discard('recording'), discard('recording', true), restart(false)])
    expect(text).toMatch(/goes on until you answer\.$/);
  for (const text of [discard('paused'), discard('stopped'), discard('paused', true), restart(true)]) expect(text).not.toMatch(/goes on/);
  expect(discard('stopped')).not.toMatch(/server/);
});
