// @vitest-environment happy-dom

/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkClock } from './clockCheck';
import { anotherAction, continueAction } from './problem/continuing';
import { STALL_MS } from './encoderMonitor';
import { FEWEST_PICTURES, type Running } from './encoderState';
import { MAX_RESTARTS } from './encoding';
import { markTitle } from './endAlert';
import type { EndReason } from './endReason';
import { pictureLimits } from './pictureLimit';
import { clockNotice, endingTitle, nothingRecorded } from './problem';
import { encoderNotice } from './problem/encoder';
import { initialSaveState, summarizeSaved } from './saved';
import { audioTypes, CHUNK_MS, pictureTypes, recorderOptions, standbyMs, videoTypes } from './types';

const running: Running = { name: 'running', soundAlone: false, missedMs: 0, restarts: [] };
const page = readFileSync('../docs/recording.md', 'utf8').split('## When a device goes')[0]!;

it('lists the kinds of file in their order', () => {
  const rows = [...page.matchAll(/^\| `video\/.*\|$/gm)].map(([row]) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
  const code = (type: string | undefined) => (type ? `\`${type}\`` : '');
  expect(rows).toEqual(videoTypes.map((type, i) => [code(type), code(pictureTypes[i]), code(audioTypes[i])]));
});

it('has the limits of the code', () => {
  expect(page).toContain(`${STALL_MS / 1000} s without media`);
  expect(page).toContain(`fewer than ${FEWEST_PICTURES} pictures a second`);
  expect(page).toContain(`| ${MAX_RESTARTS} within a minute`);
  const [webm, standbyCamera, standbyScreen] = [
    standbyMs('video/webm', false),
    standbyMs('video/mp4', false),
    standbyMs('video/mp4', true),
  ];
  expect(page).toContain(
    `| ${webm / 1000} s, of MP4 with a picture ${standbyCamera / 1000} s, of a screen in MP4 ${standbyScreen / 1000} s |`,
  );
  expect(page).toContain(`| ${FEWEST_PICTURES} a second;`);
  const keyFrames = (mime: string, isScreen: boolean) => recorderOptions(mime, isScreen).videoKeyFrameIntervalDuration! / 1000;
  const [screen, camera, webmCamera] = [keyFrames('video/mp4', true), keyFrames('video/mp4', false), keyFrames('video/webm', false)];
  expect(page).toContain(`a key frame every ${screen} s of a screen, every ${camera} s of a camera in MP4, every ${webmCamera} s in WebM`);
  expect(page).toContain(`every ${CHUNK_MS} ms, of MP4 with a picture at each key frame;`);
  expect(page).toContain(`since its last key frame: ${camera} s of a camera, ${screen} s of a screen`);
  expect(page).toContain(`${pictureLimits[0]!.frameRate} pictures a second are asked for`);
  expect(pictureLimits[1]!.scale).toBe(0.5);
  const at = (ms: number) =>
    checkClock(
      10_000,
      { isKnown: true, ms, video: null, audio: { from: 0, to: ms, samples: 1 } },
      { picture: false, sound: true, hasSteadyPicture: false },
    );
  expect([at(9_500), at(9_499)]).toEqual([null, expect.anything()]);
  expect(page).toContain('more than 0.5 s');
});

const reasons: EndReason[] = ['sharing', 'camera', 'microphone', 'devices', 'encoder', 'stalled'];
const check = { missingMs: 1300, soundBehindMs: 700, lacksPicture: true, lacksSound: false };
const said = [
  ...reasons.map((reason) => endingTitle({ reason, atMs: 42_000 })),
  clockNotice(check),
  nothingRecorded.title,
  summarizeSaved(initialSaveState).text,
  summarizeSaved({ ...initialSaveState, recorded: 13e6, onDisk: 13e6, durable: 13e6, media: { recordedMs: 43_000, durableMs: 42_000 } })
    .text,
  summarizeSaved({ ...initialSaveState, recorded: 1, onDisk: 1, trouble: 'offline' }).text,
  ...[
    encoderNotice({ name: 'trying', soundAlone: false }),
    encoderNotice({ ...running, soundAlone: true, missedMs: 5000 }),
    encoderNotice({ name: 'restarting', atMs: 42_000, after: 0, soundAlone: false, isSuspicion: false, running }),
    encoderNotice({ ...running, restarts: [{ atMs: 42_000, missedMs: 1200, soundAlone: true }] }),
    encoderNotice({ name: 'stalled', atMs: 42_000, running }),
    encoderNotice({ name: 'slow', pictures: 3, running }),
  ].flatMap((n) => [n!.text, n!.more]),
  titleOfHiddenTab(),
  continueAction,
  anotherAction,
].join('\n');

function titleOfHiddenTab(): string {
  const leave = new AbortController();
  Object.defineProperty(document, 'hidden', { configurable: true, value: true });
  markTitle(leave.signal);
  const { title } = document;
  leave.abort();
  Reflect.deleteProperty(document, 'hidden');
  return title;
}

describe('what it says that is said', () => {
  const quoted = [...page.matchAll(/"([A-Z][^"]*)"/g)].map((m) => m[1]!).filter((q) => q !== 'Saved' && q !== 'Stop sharing');
  it('is much', () => expect(quoted.length).toBeGreaterThan(15));
  it.each(quoted)('%s', (sentence) => expect(said).toContain(sentence));
});
