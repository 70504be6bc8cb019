/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkWords, connectionNotice, hearingNotice, roomNotice, SHORT_ROOM, speakerProblem } from './problem/check';
import { longestClip } from './limits';
import { encoderRate } from './types';

const page = readFileSync('../docs/recording.md', 'utf8').split('## Check before')[1]!.split('## The device panel')[0]!;
const hearing = { muted: false, stalled: false, heard: false, silent: false, level: 0 };
const rate = encoderRate('camera');
const room = { lengthMs: longestClip, bytes: null, workspaceBytes: null, diskBytes: null };
const said = [
  hearingNotice(hearing).text,
  ...[{ heard: true }, { silent: true }, { muted: true }].map((some) => hearingNotice({ ...hearing, ...some }).text),
  checkWords.cameraOn,
  roomNotice({ kind: 'length', ms: longestClip }, room).text,
  connectionNotice({ trouble: null, bytesPerMs: rate }, rate)!.text,
  connectionNotice({ trouble: null, bytesPerMs: rate / 2 }, rate)!.text,
  ...(['offline', 'unreachable', 'signed_out'] as const).map((trouble) => connectionNotice({ trouble, bytesPerMs: null }, rate)!.text),
  speakerProblem('failed', ''),
].join('\n');

describe('what it says that is said', () => {
  const quoted = [...page.matchAll(/"([A-Z][^"]*?)[.;]?"/g)].map((m) => m[1]!);
  it('is much', () => expect(quoted.length).toBeGreaterThan(9));
  it.each(quoted)('%s', (sentence) => expect(said).toContain(sentence));
});

it('has the numbers of the code', () => {
  expect(page).toContain(`below ${SHORT_ROOM / 60_000} minutes`);
  const mbit = (mode: 'camera' | 'screen' | 'voice') => ((encoderRate(mode) * 8000) / 1e6).toFixed(1);
  expect(page).toContain(`camera ${mbit('camera')} Mbit/s, screen ${mbit('screen')}, voice ${mbit('voice')}`);
});
