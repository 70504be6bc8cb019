// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionNotice, hearingNotice, roomNotice, SHORT_ROOM, type Hearing } from './problem/check';
import { longestClip, type LimitKind, type Limits } from './limits';
import { roomLeft } from './roomLeft';
import { encoderRate } from './types';
import { checkUpload, forgetSpeed, speedOf } from './uploadCheck';

const limits = (some: Partial<Limits>): Limits => ({ lengthMs: longestClip, bytes: null, workspaceBytes: null, diskBytes: null, ...some });

describe('how much recording fits', () => {
  it.each<[Partial<Limits>, LimitKind, number]>([
    [{}, 'length', longestClip],
    [{ diskBytes: 60_000 * 324.5 }, 'diskBytes', 60_000],
    [{ diskBytes: 9e9, workspaceBytes: 60_000 * 324.5, bytes: 8e9 }, 'workspaceBytes', 60_000],
    [{ bytes: 324.5e6, workspaceBytes: 9e9 }, 'bytes', 1e6],
    [{ diskBytes: 0 }, 'diskBytes', 0],
    [{ workspaceBytes: -5 }, 'workspaceBytes', 0],
  ])('%o: %s first', (some, kind, ms) => expect(roomLeft(limits(some), encoderRate('camera'))).toEqual({ kind, ms }));

  it('a voice needs little of it', () => {
    const room = limits({ diskBytes: 60e6 });
    expect(roomLeft(room, encoderRate('voice')).ms).toBeGreaterThan(20 * roomLeft(room, encoderRate('camera')).ms);
  });

  it('is quiet while it is enough, and loud when it is short', () => {
    const say = (kind: LimitKind, ms: number) => roomNotice({ kind, ms }, limits({ bytes: 4e6 }));
    expect(say('length', longestClip)).toEqual({ isWrong: false, text: 'Room for 12 hours' });
    expect(say('diskBytes', SHORT_ROOM)).toEqual({ isWrong: false, text: 'Room for 15 min' });
    for (const kind of ['diskBytes', 'workspaceBytes', 'bytes'] as const) {
      expect(say(kind, SHORT_ROOM - 1)).toMatchObject({ isWrong: true, text: expect.stringContaining('about 14 min') as string });
      expect(say(kind, 59_999).text).toContain('less than a minute');
    }
  });
});

describe('whether the microphone is heard', () => {
  const fine: Hearing = { muted: false, stalled: false, heard: false, silent: false, level: 0.01 };
  it.each<[string, Partial<Hearing>, string, boolean]>([
    ['at first', {}, 'Say something', false],
    ['after a word', { heard: true }, 'We can hear you', false],
    ['after a word, in a pause', { heard: true, silent: true, level: 0.0001 }, 'We can hear you', false],
    ['when it gives nothing any more', { heard: true, silent: true, level: 0 }, 'We can’t hear you', true],
    ['without a word', { silent: true, level: 0.0001 }, 'We can’t hear you', true],
    ['muted', { heard: true, muted: true }, 'You are muted', true],
    ['without sound in the computer', { stalled: true }, 'The level cannot be shown', true],
  ])('%s', (_, some, text, isWrong) => {
    const notice = hearingNotice({ ...fine, ...some });
    expect(notice.text).toContain(text);
    expect(notice.isWrong).toBe(isWrong);
  });
});

describe('the connection', () => {
  const rate = encoderRate('camera');

  it('is compared with the encoder', () => {
    expect(connectionNotice(null, rate)).toBeNull();
    expect(connectionNotice({ trouble: null, bytesPerMs: rate }, rate)?.isWrong).toBe(false);
    expect(connectionNotice({ trouble: null, bytesPerMs: rate / 2 }, rate)?.text).toContain(
      '10 minutes of it are sent about 10 min after Stop',
    );
    expect(connectionNotice({ trouble: null, bytesPerMs: rate / 4 }, rate)?.text).toContain('about 30 min after Stop');
    expect(connectionNotice({ trouble: null, bytesPerMs: rate / 4 }, encoderRate('voice'))?.isWrong).toBe(false);
    expect(connectionNotice({ trouble: 'offline', bytesPerMs: null }, rate)?.text).toContain('kept on this computer');
  });

  it('counts bytes, not the way there and back', () => {
    expect(speedOf(1000, 3000)).toBeCloseTo((128 << 10) / 2000);
    expect(speedOf(600, 500)).toBeCloseTo((192 << 10) / 500); // the connection had warmed up
    expect(speedOf(400, 528)).toBeCloseTo(1024);
  });
});

describe('the connection is measured', () => {
  let sent: number[];
  let answerAfter: (bytes: number) => number;
  let answer: () => Response;
  const never = new AbortController().signal;

  beforeEach(() => {
    localStorage.clear();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    sent = [];
    answer = () => new Response(null, { status: 204 });
    vi.stubGlobal('fetch', async (path: string, { body, signal }: { body: Uint8Array; signal: AbortSignal }) => {
      expect(path).toBe('/api/v1/upload-probe');
      sent.push(body.length);
      await new Promise((resolve, reject) => {
        setTimeout(resolve, answerAfter(body.length));
        signal.addEventListener('abort', reject);
      });
      return answer();
    });
    vi.stubGlobal('navigator', { onLine: true });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const measure = async (now = 0) => {
    const result = checkUpload(never, now);
    await vi.advanceTimersByTimeAsync(60_000);
    return result;
  };
  const line =
    (bytesPerMs: number, latency = 40) =>
    (bytes: number) =>
      latency + bytes / bytesPerMs;

  it.each([100, 1000, 4000])('at %d bytes a millisecond, by 256 KiB at most', async (speed) => {
    answerAfter = line(speed);
    expect((await measure())!.bytesPerMs! / speed).toBeCloseTo(1, 1);
    expect(sent.reduce((a, b) => a + b)).toBeLessThanOrEqual(256 << 10);
  });

  it('a slow one by the first part alone, twice', async () => {
    answerAfter = line(30);
    expect((await measure())!.bytesPerMs).toBeCloseTo(30, -1);
    expect(sent).toEqual([64 << 10, 64 << 10]);
  });

  it('one that was held up once, by a busy computer say, is not slow', async () => {
    answerAfter = (bytes) => line(1000)(bytes) + (sent.length === 1 ? 3000 : 0);
    expect((await measure())!.bytesPerMs! / 1000).toBeCloseTo(1, 1);
  });

  it('one that takes for ever is given up, and slow', async () => {
    answerAfter = () => 1e9;
    expect((await measure())!.bytesPerMs).toBeCloseTo((64 << 10) / 8000);
  });

  it('not again within ten minutes, unless the network is another one', async () => {
    answerAfter = line(1000);
    await measure(0);
    await measure(9 * 60_000);
    expect(sent).toHaveLength(2);
    await measure(11 * 60_000);
    expect(sent).toHaveLength(4);
    forgetSpeed();
    await measure(12 * 60_000);
    expect(sent).toHaveLength(6);
  });

  it('never where each byte is paid for, and never offline', async () => {
    vi.stubGlobal('navigator', { onLine: true, connection: { saveData: true } });
    expect(await measure()).toBeNull();
    vi.stubGlobal('navigator', { onLine: false });
    expect(await measure()).toEqual({ trouble: 'offline', bytesPerMs: null });
    expect(sent).toEqual([]);
  });

  it.each([
    [401, 'signed_out'],
    [429, undefined],
    [503, undefined],
    [413, undefined],
  ])('an answer %d is %s, and is not remembered', async (status, trouble) => {
    answerAfter = line(1000);
    answer = () => new Response(null, { status });
    expect((await measure())?.trouble).toBe(trouble);
    answer = () => new Response(null, { status: 204 });
    expect((await measure())?.trouble).toBeNull();
  });

  it('a server that cannot be reached is named', async () => {
    answerAfter = line(1000);
    answer = () => {
      throw new TypeError('network');
    };
    expect(await measure()).toEqual({ trouble: 'unreachable', bytesPerMs: null });
  });
});
