import { describe, expect, it } from 'vitest';
import { approachingLimit, longestClip, stopsAt, type Limits } from './limits';
import { limitNotice } from './problem/limit';

const MB = 1_000_000;
const none: Limits = { lengthMs: longestClip, bytes: null, workspaceBytes: null, diskBytes: null };
const start = { ms: 0, bytes: 0 };
const minute = 60_000;

describe('the limit that is reached first', () => {
  it('is nothing while all are far', () => {
    const limits = { ...none, bytes: 20_000 * MB, workspaceBytes: 5000 * MB, diskBytes: 1000 * MB };
    expect(approachingLimit({ ms: 2 * minute, bytes: 20 * MB }, start, limits)).toBeNull();
  });
  it('is the longest clip, from five minutes before', () => {
    const at = (left: number) => approachingLimit({ ms: longestClip - left, bytes: 900 * MB }, start, none);
    expect(at(6 * minute)).toBeNull();
    expect(at(5 * minute)).toEqual({ kind: 'length', leftMs: 5 * minute - 4000 });
    expect(at(0)).toEqual({ kind: 'length', leftMs: 0 });
  });
  it('counts bytes at the rate of the recording, and keeps a reserve for what the encoder still holds', () => {
    const now = { ms: 10 * minute, bytes: 60 * MB }; // 0.1 MB a second
    expect(approachingLimit(now, start, { ...none, bytes: 72 * MB })).toEqual({ kind: 'bytes', leftMs: 116_000 });
  });
  it('counts what an encoder that is behind has yet to hand out', () => {
    const now = { ms: 10 * minute, bytes: 54 * MB, behindMs: minute }; // 0.1 MB a second
    expect(approachingLimit(now, start, { ...none, bytes: 72 * MB })).toEqual({ kind: 'bytes', leftMs: 116_000 });
  });
  it('counts at the rate of the last half minute when that is higher', () => {
    const now = { ms: 10 * minute, bytes: 60 * MB };
    const before = { ms: 10 * minute - 30_000, bytes: 48 * MB }; // 0.4 MB a second: the screen began to move
    expect(approachingLimit(now, before, { ...none, workspaceBytes: 72 * MB })).toEqual({ kind: 'workspaceBytes', leftMs: 26_000 });
  });
  it('is not guessed from the first two seconds', () => {
    expect(approachingLimit({ ms: 2000, bytes: MB }, start, { ...none, diskBytes: 2 * MB })).toBeNull();
  });
});

it('says how long, why, and what happens then', () => {
  const said = (kind: Parameters<typeof stopsAt>[0]) => limitNotice({ kind, leftMs: 272_000 }, { ...none, bytes: 20 * MB });
  expect(said('length')).toBe(
    '4:32 left: a clip may be 12 hours long. Come to an end: the recording stops by itself then, and all of it is saved.',
  );
  expect(said('bytes')).toMatch(/^4:32 left: a recording may have 20 MB. Come to an end: it stops by itself/);
  expect(said('workspaceBytes')).toMatch(/stays on this computer until there is room/);
  expect(said('diskBytes')).toMatch(/keep the tab open/);
});
