// @vitest-environment happy-dom

import { describe, expect, it } from 'vitest';
import type { ClockCheck } from './clockCheck';
import type { DeviceKind, DeviceState } from './devices';
import type { EncoderState, Running } from './encoderState';
import type { EndReason } from './endReason';
import { captureProblem, deviceNotice, endNotice, recordWithout, unheardNotice, unsupported, type Asked, type Browser } from './problem';
import { encoderNotice } from './problem/encoder';
import { refusal } from './problem/sending';

const able: Browser = { secure: true, devices: true, recorder: true, workers: true, screen: true };

describe('unsupported', () => {
  it('has nothing to say of a browser that can', () => expect(unsupported(able, 'https://t.example')).toBeNull());
  it('names the address when it is not secure', () => {
    const p = unsupported({ ...able, secure: false, devices: false }, 'http://192.168.1.5:8080');
    expect(p?.code).toBe('insecure');
    expect(p?.text).toContain('http://192.168.1.5:8080');
    expect(p?.text).toContain('HTTPS');
  });
  it.each(['devices', 'recorder', 'workers'] as const)('without %s the browser is too old', (what) => {
    expect(unsupported({ ...able, [what]: false }, '')?.code).toBe('unsupported');
  });
  it('a phone without screen sharing still records the rest', () => expect(unsupported({ ...able, screen: false }, '')).toBeNull());
});

describe('captureProblem', () => {
  const both: Asked = { screen: false, camera: true, microphone: true };
  const mic: Asked = { screen: false, camera: false, microphone: true };
  const cases: [string, Asked, string | null, RegExp][] = [
    ['NotAllowedError', both, 'not_allowed', /may not use your camera and microphone/],
    ['NotAllowedError', mic, 'not_allowed', /may not use your microphone/],
    ['NotFoundError', mic, 'not_found', /No microphone was found/],
    ['NotFoundError', both, 'not_found', /No camera or microphone was found/],
    ['OverconstrainedError', both, 'not_found', /was found/],
    ['NotReadableError', { screen: false, camera: true, microphone: false }, 'busy', /camera is busy/],
    ['TypeError', both, 'capture', /could not be started/],
    ['NotAllowedError', { screen: true }, null, /^$/],
    ['NotReadableError', { screen: true }, 'busy', /could not be recorded/],
    ['InvalidStateError', { screen: true }, 'capture', /did not work/],
  ];
  it.each(cases)('%s %o', (name, asked, code, title) => {
    const p = captureProblem(new DOMException('', name), asked);
    expect(p?.code ?? null).toBe(code);
    expect(p?.title ?? '').toMatch(title);
    if (p) expect(p.text).not.toBe('');
  });
});

it('a refusal keeps the sentence of the server unless there is something better to do', () => {
  expect(refusal('quota', 'Full: 5 of 5 GB.')).toMatchObject({ code: 'quota', title: 'The workspace is full' });
  expect(refusal('quota', 'Full: 5 of 5 GB.').text).toMatch(/^Full: 5 of 5 GB. Try again when/);
  expect(refusal('gone', 'x').text).toContain('Send all of it as a new clip');
  expect(refusal('strange', 'Odd.')).toMatchObject({
    title: 'The server did not take the recording',
    text: 'Odd. Try again, or save the recording as a file.',
  });
});

const running: Running = { name: 'running', soundAlone: false, missedMs: 0, restarts: [] };
const restart = { atMs: 42_000, missedMs: 1240, soundAlone: false };

describe('encoderNotice', () => {
  const cases: [EncoderState, 'warn' | 'danger' | null, RegExp][] = [
    [{ name: 'starting' }, null, /^$/],
    [running, null, /^$/],
    [{ ...running, missedMs: 5000 }, 'warn', /nothing for the first 5 seconds/],
    [{ ...running, soundAlone: true, missedMs: 15_000 }, 'warn', /first 15 seconds.*your sound alone is recorded/],
    [{ name: 'trying', soundAlone: false }, 'danger', /Trying another kind of file/],
    [{ name: 'trying', soundAlone: true }, 'danger', /sound alone/],
    [{ name: 'stalled', atMs: 61_000, running }, 'danger', /up to 1:01 is kept/],
    [
      { name: 'restarting', atMs: 42_000, after: 0, soundAlone: false, isSuspicion: false, running },
      'danger',
      /failed at 0:42 and is being started again/,
    ],
    [
      { ...running, restarts: [restart] },
      'warn',
      /^The browser’s encoder failed at 0:42 and was started again: 1\.2 s are missing\. Recording goes on\.$/,
    ],
    [{ ...running, restarts: [{ ...restart, missedMs: 0 }] }, 'warn', /and was started again\. Recording goes on\.$/],
    [
      { ...running, soundAlone: true, restarts: [restart, { atMs: 90_000, missedMs: 2000, soundAlone: true }] },
      'warn',
      /^The browser’s encoder failed 2 times, first at 0:42 and was started again: 3\.2 s are missing\. From 1:32 on your sound alone is recorded\. Recording goes on\.$/,
    ],
    [{ name: 'slow', pictures: 3.2, running }, 'warn', /^Your computer cannot keep up: 3 pictures a second/],
    [
      { name: 'slow', pictures: 3, running: { ...running, restarts: [restart] } },
      'warn',
      /and was started again: 1\.2 s are missing\. Recording goes on\. Your computer cannot keep up/,
    ],
    [{ name: 'failed' }, 'danger', /nothing for any kind of file/],
  ];
  it.each(cases)('%o', (state, tone, more) => {
    const notice = encoderNotice(state);
    expect(notice?.tone ?? null).toBe(tone);
    expect(notice?.more ?? '').toMatch(more);
  });
});

describe('endNotice', () => {
  it.each<[EndReason, RegExp]>([
    ['sharing', /^Sharing was stopped at 0:04\.$/],
    ['camera', /^Your camera was disconnected at 0:04\.$/],
    ['microphone', /^Your microphone was disconnected at 0:04\.$/],
    ['devices', /^Camera and microphone were disconnected at 0:04\.$/],
    ['encoder', /encoder failed at 0:04/],
    ['stalled', /nothing for too long at 0:04/],
  ])('%s', (reason, title) => {
    const notice = endNotice({ reason, atMs: 4300 }, null);
    expect(notice?.title).toMatch(title);
    expect(notice).toMatchObject({ text: 'Everything up to there is saved.', isUnexpected: true });
  });

  const same: ClockCheck = { missingMs: 0, soundBehindMs: 0, lacksPicture: false, lacksSound: false };
  it.each<[Partial<ClockCheck>, RegExp]>([
    [{ missingMs: 1340 }, /^It is 1.3 s shorter than the recorder’s clock showed\.$/],
    [{ missingMs: -900 }, /^It is 0.9 s longer/],
    [{ soundBehindMs: 700 }, /^Its sound ends 0.7 s before its picture\.$/],
    [{ soundBehindMs: -700, missingMs: 600 }, /0.6 s shorter.*Its picture ends 0.7 s before its sound/],
    [{ lacksPicture: true }, /no picture/],
    [{ lacksSound: true }, /no sound/],
  ])('says that %o', (check, text) => {
    expect(endNotice(null, { ...same, ...check })).toMatchObject({ text: expect.stringMatching(text) as string, isUnexpected: false });
  });
  it.each([
    [0, false],
    [-700, true],
    [700, true],
  ])('knows whether it says that the ends differ (%d ms)', (soundBehindMs, saysEndsDiffer) =>
    expect(endNotice(null, { ...same, missingMs: 1000, soundBehindMs })).toMatchObject({ saysEndsDiffer }),
  );
  it('says nothing of a recording that is as it should be', () => expect(endNotice(null, null)).toBeNull());
  it('says where the encoder failed', () => {
    const text = 'The browser’s encoder failed at 0:42 and was started again: 1.2 s are missing.';
    expect(endNotice(null, null, [restart])).toMatchObject({ text, isUnexpected: false });
  });
  it('says of an encoder that failed for good what went before', () => {
    const restarts = [{ atMs: 42_000, missedMs: 1200, soundAlone: true }];
    const text = (reason: 'encoder' | 'sharing') => endNotice({ reason, atMs: 60_000 }, null, restarts)?.text;
    expect(text('encoder')).toContain('It had failed at 0:42 and was started again: 1.2 s are missing. From 0:43 on there is sound alone.');
    expect(text('sharing')).toContain('The browser’s encoder failed at 0:42');
  });
});

describe('deviceNotice', () => {
  const usb = { id: 'u', label: 'USB' };
  const lid = { id: 'l', label: 'Lid' };
  it.each<[string, DeviceState, boolean, RegExp | null]>([
    ['nothing of one that is not wanted', { name: 'off' }, false, null],
    ['nothing of one that works', { name: 'live', device: usb }, false, null],
    ['that another is looked for', { name: 'switching', lost: usb }, false, /was disconnected\. .*Looking/],
    [
      'what goes on',
      { name: 'replaced', device: lid, lost: usb, back: false },
      false,
      /^The microphone was disconnected\. Going on with Lid\.$/,
    ],
    ['that it is back', { name: 'replaced', device: lid, lost: usb, back: true }, false, /USB is connected again/],
    ['that none is left', { name: 'missing', lost: usb }, false, /saved, but nobody hears you until you connect one/],
    ['that no other can go on', { name: 'missing', lost: usb }, true, /stop, and record again/],
    ['that it is muted', { name: 'muted', device: usb, lost: null }, false, /No sound comes from USB/],
  ])('says %s', (_, state, fixed, text) => {
    const notice = deviceNotice('microphone', state, { idle: false, fixed });
    if (text === null) expect(notice).toBeNull();
    else expect(notice?.text).toMatch(text);
  });

  it('offers the lost one only once it is back', () => {
    expect(
      deviceNotice('camera', { name: 'replaced', device: lid, lost: usb, back: false }, { idle: false, fixed: false })?.back,
    ).toBeNull();
    expect(deviceNotice('camera', { name: 'replaced', device: lid, lost: usb, back: true }, { idle: false, fixed: false })?.back).toEqual(
      usb,
    );
  });

  it('nothing is lost before a recording', () => {
    const text = deviceNotice('microphone', { name: 'missing', lost: usb }, { idle: true, fixed: false })?.text;
    expect(text).toBe('The microphone was disconnected. Connect one, and it is used.');
  });

  it('a camera that is gone costs no sound', () => {
    expect(deviceNotice('camera', { name: 'missing', lost: usb }, { idle: false, fixed: false })?.text).toContain('Your sound goes on');
    expect(deviceNotice('camera', { name: 'missing', lost: usb }, { idle: false, fixed: true })?.text).toContain('Your sound goes on');
    for (const state of [
      { name: 'missing', lost: usb },
      { name: 'missing', lost: usb, isDenied: true },
      { name: 'muted', device: usb, lost: null },
    ] as const)
      expect(deviceNotice('camera', state, { idle: false, fixed: false, silent: true })?.text).not.toContain('sound goes on');
    const ofScreen = (silent: boolean) =>
      deviceNotice('camera', { name: 'missing', lost: usb }, { idle: false, fixed: false, silent, screen: true })?.text;
    expect(ofScreen(false)).toContain('Your screen and sound go on; your picture');
    expect(ofScreen(true)).toContain('Your screen goes on; your picture');
    const denied = (idle: boolean) =>
      deviceNotice('microphone', { name: 'missing', lost: usb, isDenied: true }, { idle, fixed: false })?.text;
    expect(denied(false)).toMatch(/no longer lets Tidings use the microphone.*until you allow it again/);
    expect(denied(true)).not.toMatch(/disconnected|Connect/);
  });
});

it.each([
  [{ silent: false, stalled: false, fixed: false }, /^$/],
  [{ silent: true, stalled: false, fixed: false }, /can’t hear you/],
  [{ silent: true, stalled: true, fixed: false }, /You are not heard/],
  [{ silent: false, stalled: true, fixed: true }, /recorded all the same/],
  [{ silent: true, stalled: true, fixed: true }, /can’t hear you.*connect them/],
  [{ silent: false, stalled: false, fixed: false, late: true }, /too busy for sound/],
  [{ silent: false, stalled: false, fixed: true, late: true }, /^$/],
])('unheard: %o', (state, text) => expect(unheardNotice(state)).toMatch(text));

describe('a refused permission says how to undo it in this browser', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
  const refused = (message: string, agent: string) =>
    captureProblem(new DOMException(message, 'NotAllowedError'), { screen: false, camera: false, microphone: true }, agent)?.text;

  it.each([
    ['Chrome', '', `${mac} Chrome/140.0.0.0 Safari/537.36`, /icon to the left of the address, allow the microphone/],
    ['Firefox', '', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', /crossed-out icon.*remove “Blocked”/],
    ['Safari', '', `${mac} Version/18.0 Safari/605.1.15`, /Settings for This Website/],
    ['an iPhone', '', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1', /website settings/],
    ['a Mac that refuses the browser itself', 'Permission denied by system', `${mac} Chrome/140.0.0.0 Safari/537.36`, /System Settings/],
  ])('%s', (_, message, agent, text) => expect(refused(message, agent)).toMatch(text));
});

it.each<[DeviceKind[], string]>([
  [['microphone'], 'Record without a microphone'],
  [['camera'], 'Record without a camera'],
  [['microphone', 'camera'], 'Record without camera and microphone'],
])('offers to record without %s', (missing, text) => expect(recordWithout(missing)).toBe(text));
