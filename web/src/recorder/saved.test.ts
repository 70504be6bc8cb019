import type { Running } from './encoderState';
import { expect, it } from 'vitest';
import { initialSaveState, summarizeSaved, type SaveState, type SaveSummary } from './saved';

const running: Running = { name: 'running', soundAlone: false, missedMs: 0, restarts: [] };

const MB = 1_000_000;
const refusal = { code: 'quota', title: 'The workspace is full', text: 'The workspace is full.' };
const cases: [string, Partial<SaveState>, SaveSummary['tone'], RegExp, RegExp][] = [
  ['before the first byte', {}, 'busy', /^Starting/, /^$/],
  ['in step', { recorded: 5 * MB, onDisk: 5 * MB, durable: 4.9 * MB }, 'ok', /^Saved, 4.9 MB$/, /^$/],
  ['a slow line', { recorded: 9 * MB, onDisk: 9 * MB, durable: 3 * MB }, 'busy', /^Saved 3 MB of 9 MB$/, /on its way/],
  [
    'offline',
    { recorded: 9 * MB, onDisk: 9 * MB, durable: 3 * MB, trouble: 'offline' },
    'warn',
    /^Kept on this computer, 6 MB to send$/,
    /You are offline/,
  ],
  ['a server that is down', { recorded: MB, onDisk: MB, trouble: 'unreachable' }, 'warn', /Kept on this computer/, /cannot be reached/],
  [
    'a server without space',
    { recorded: MB, onDisk: MB, trouble: 'full' },
    'warn',
    /Kept on this computer/,
    /no space left.*goes on by itself/,
  ],
  ['an ended session', { recorded: MB, onDisk: MB, trouble: 'signed_out' }, 'warn', /Kept/, /Sign in in another tab/],
  [
    'offline without a disk',
    { recorded: MB, inMemory: MB, disk: false, trouble: 'offline' },
    'danger',
    /^1 MB only in this tab$/,
    /only in this tab: leave it open/,
  ],
  [
    'an ended session without a disk',
    { recorded: MB, inMemory: MB, disk: false, trouble: 'signed_out' },
    'danger',
    /^1 MB only in this tab$/,
    /Sign in in another tab, and leave this one open/,
  ],
  [
    'offline with a full disk',
    { recorded: 9 * MB, onDisk: 5 * MB, inMemory: 4 * MB, trouble: 'offline' },
    'danger',
    /4 MB only in this tab/,
    /only in this tab: leave it open/,
  ],
  [
    'a full disk and a slow line',
    { recorded: 20 * MB, onDisk: 9 * MB, inMemory: 6 * MB, durable: 14 * MB },
    'danger',
    /6 MB only in memory/,
    /no more room/,
  ],
  [
    'a full disk and a good line',
    { recorded: 20 * MB, onDisk: 9 * MB, inMemory: 0.3 * MB, durable: 19.7 * MB },
    'warn',
    /^Saved, 19.7 MB$/,
    /Keep the tab open/,
  ],
  ['no disk and a good line', { recorded: 2 * MB, inMemory: 0.4 * MB, durable: 1.6 * MB, disk: false }, 'ok', /^Saved/, /^$/],
  [
    'a proxy with a limit',
    { recorded: MB, onDisk: MB, durable: MB, proxyLimit: 2 * MB },
    'ok',
    /^Saved, 1 MB$/,
    /takes less than 2 MB in one request/,
  ],
  [
    'a proxy with a limit on a slow line',
    { recorded: 9 * MB, onDisk: 9 * MB, durable: 3 * MB, proxyLimit: 2 * MB },
    'busy',
    /^Saved 3 MB of 9 MB$/,
    /on its way. The proxy .* smaller parts are sent/,
  ],
  [
    'a proxy with a limit, offline',
    { recorded: MB, onDisk: MB, trouble: 'offline', proxyLimit: 2 * MB },
    'warn',
    /^Kept on this computer/,
    /^You are offline/,
  ],
  [
    'a second and more of media',
    { recorded: MB, onDisk: MB, durable: MB, media: { recordedMs: 9000, durableMs: 8000 } },
    'ok',
    /^Saved, 0:08 \(1 MB\)$/,
    /^$/,
  ],
  [
    'the head of a file',
    { recorded: 1200, onDisk: 1200, durable: 1200, media: { recordedMs: 0, durableMs: 0 } },
    'busy',
    /^Starting/,
    /^$/,
  ],
  [
    'less than a second',
    { recorded: 9000, onDisk: 9000, durable: 5300, media: { recordedMs: 600, durableMs: 0 } },
    'busy',
    /^Starting/,
    /^$/,
  ],
  [
    'of which the server has the head alone',
    { recorded: 9000, onDisk: 9000, durable: 1200, media: { recordedMs: 2000, durableMs: 0 } },
    'busy',
    /^Saved 0:00 of 0:02$/,
    /on its way/,
  ],
  [
    'a slow line, in seconds',
    { recorded: 9 * MB, onDisk: 9 * MB, durable: 3 * MB, media: { recordedMs: 30_000, durableMs: 10_000 } },
    'busy',
    /^Saved 0:10 of 0:30$/,
    /on its way/,
  ],
  [
    'offline, in seconds',
    { recorded: 9 * MB, onDisk: 9 * MB, durable: 3 * MB, trouble: 'offline', media: { recordedMs: 30_000, durableMs: 10_000 } },
    'warn',
    /^Kept on this computer, 0:20 to send$/,
    /You are offline/,
  ],
  [
    'an encoder that gives nothing',
    { encoder: { name: 'trying', soundAlone: false } },
    'danger',
    /^Nothing is recorded yet$/,
    /another kind of file/,
  ],
  [
    'one that gives nothing, offline',
    { encoder: { name: 'trying', soundAlone: true }, trouble: 'offline' },
    'danger',
    /^Nothing is recorded yet$/,
    /your sound alone/,
  ],
  [
    'one that stands still',
    { recorded: MB, onDisk: MB, durable: MB, encoder: { name: 'stalled', atMs: 42_000, running } },
    'danger',
    /^Nothing new since 0:42$/,
    /Everything up to 0:42 is kept. Stop/,
  ],
  ['one that is slow', { recorded: MB, onDisk: MB, durable: MB, encoder: { name: 'slow', pictures: 3, running } }, 'ok', /^Saved/, /^$/],
  [
    'refused, and the encoder has come to a standstill',
    { recorded: MB, onDisk: MB, refusal, encoder: { name: 'stalled', atMs: 42_000, running } },
    'danger',
    /^Nothing new since 0:42$/,
    /standstill/,
  ],
  ['refused, kept here', { recorded: MB, onDisk: MB, refusal }, 'warn', /^Kept on this computer$/, /workspace is full/],
  ['refused, kept nowhere', { recorded: MB, inMemory: MB, disk: false, refusal }, 'danger', /^Only in this tab$/, /workspace is full/],
];

it.each(cases)('%s', (_, k, tone, text, more) => {
  const s = summarizeSaved({ ...initialSaveState, ...k });
  expect(s.tone).toBe(tone);
  expect(s.text).toMatch(text);
  expect(s.more).toMatch(more);
});
