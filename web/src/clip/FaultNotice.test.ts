// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import type { Health } from '../lib/api/client';
import { press } from '../ui/testing';
import FaultNotice from './FaultNotice.svelte';
import { removeEndNotice, saveEndNotice } from '../recorder/endNotice';
import { endNotice } from '../recorder/problem';
import { findFaults } from './health';
import { clipOf } from './testing';

const track = (type: 'audio' | 'video', index: number): Health['tracks'][number] => ({ index, type, codec: type });
const both = [track('video', 0), track('audio', 1)];
const healthOf = (fields: Partial<Health> = {}): Health => ({
  parts: 1,
  gaps: 0,
  av_diff_ms: 20,
  loudness_lufs: -18,
  peak_dbfs: -3,
  silences: [],
  clipping: false,
  tracks: both,
  bytes: 1000,
  ended_early: false,
  at_risk: false,
  ...fields,
});

test.each<[string, Partial<Health>, RegExp | null]>([
  ['nothing', {}, null],
  ['a screen without a microphone', { tracks: [track('video', 0)], loudness_lufs: null, peak_dbfs: null, av_diff_ms: 9000 }, null],
  ['digital silence', { loudness_lufs: null }, /silent/],
  ['noise alone', { loudness_lufs: -68 }, /silent/],
  ['clipping', { clipping: true }, /clipped/],
  ['one gap', { gaps: 1 }, /a gap of/],
  ['gaps', { gaps: 3 }, /3 gaps/],
  ['a longer picture', { av_diff_ms: 1240 }, /picture is 1.2 s longer than the sound/],
  ['a longer sound', { av_diff_ms: -2000 }, /sound is 2.0 s longer than the picture/],
])('%s is found', (_, fields, want) => {
  const faults = findFaults(healthOf(fields));
  if (want) expect(faults).toEqual([expect.stringMatching(want)]);
  else expect(faults).toEqual([]);
});

afterEach(() => vi.unstubAllGlobals());

function answer(fields: Partial<Health>) {
  const fetch = vi.fn(async () => Response.json(healthOf(fields)));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

test('the recorder is told when the clip is finished, and opens the report', async () => {
  const fetch = answer({ clipping: true });
  const onreport = vi.fn();
  const { rerender } = render(FaultNotice, { clip: clipOf({ state: 'processing' }), mine: true, onreport });
  expect(fetch).not.toHaveBeenCalled();
  await rerender({ clip: clipOf() });
  expect(await screen.findByText(/The sound is clipped/)).toBeTruthy();
  await press('Show the report');
  expect(onreport).toHaveBeenCalled();
});

test.each([
  ['somebody else', { clip: clipOf(), mine: false }],
  ['who uploaded a file', { clip: clipOf({ kind: 'file' }), mine: true }],
])('%s is not asked to look', (_, props) => {
  const fetch = answer({ clipping: true });
  render(FaultNotice, { ...props, onreport: () => undefined });
  expect(fetch).not.toHaveBeenCalled();
});

const cutOff = { missingMs: 0, soundBehindMs: -1700, lacksPicture: false, lacksSound: false };
const restarted = { atMs: 42_000, missedMs: 1400, soundAlone: false };

test.each<[string, Parameters<typeof endNotice>, Partial<Health>, RegExp, number]>([
  ['of the two ends', [null, cutOff], { av_diff_ms: -1700 }, /longer than the picture/, 0],
  ['of a gap, which both tracks have,', [null, null, [restarted]], { gaps: 2 }, /gap/, 0],
  ['of two gaps', [null, null, [restarted, restarted]], { gaps: 4 }, /gap/, 0],
  ['of a recording that ended by itself', [{ reason: 'encoder', atMs: 60_000 }, null, [restarted]], { gaps: 2 }, /gap/, 0],
  ['of one gap, but not of another,', [null, null, [restarted]], { gaps: 4 }, /4 gaps/, 1],
  ['of an encoder that was replaced without a gap', [null, null, [{ ...restarted, missedMs: 0 }]], { gaps: 1 }, /a gap/, 1],
])('what the recorder has said %s is not said again', async (_, ended, health, sentence, times) => {
  const clip = clipOf();
  saveEndNotice(clip.id, endNotice(...ended)!);
  answer({ ...health, clipping: true });
  render(FaultNotice, { clip, mine: true, onreport: () => undefined });
  expect(await screen.findByText(/The sound is clipped/)).toBeTruthy();
  expect(screen.queryAllByText(sentence)).toHaveLength(times);
  removeEndNotice(clip.id);
});
