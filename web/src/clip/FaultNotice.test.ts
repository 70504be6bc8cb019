// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import type { Health } from '../lib/api/client';
import { press } from '../ui/testing';
import FaultNotice from './FaultNotice.svelte';
import { removeEndNotice, saveEndNotice } from '../recorder/endNotice';
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

test('what the recorder has said of the two ends is not said again', async () => {
  const clip = clipOf();
  saveEndNotice(clip.id, {
    title: 'Look at this recording.',
    text: 'Its picture ends 1.7 s before its sound.',
    isUnexpected: false,
    saysEndsDiffer: true,
  });
  answer({ av_diff_ms: -1700, clipping: true });
  render(FaultNotice, { clip, mine: true, onreport: () => undefined });
  expect(await screen.findByText(/The sound is clipped/)).toBeTruthy();
  expect(screen.queryByText(/longer than the picture/)).toBeNull();
  removeEndNotice(clip.id);
});
