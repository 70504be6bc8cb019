import { beforeEach, expect, it, vi } from 'vitest';
import type { FromCodecs, ToCodecs } from './codecs.worker';

const PART = 10; // ms

/** Stands in for the file; notes which sound it was given, by when that was captured, and where. */
const file = vi.hoisted(() => ({ sound: [] as { capturedAt: number; atMs: number }[], silenceMs: 0 }));
vi.mock('./codecsFile', () => ({
  CodecsFile: class {
    start = async () => {};
    finish = async () => {};
    addPicture = async () => {};
    addSilence = (_: number, ms: number) => void (file.silenceMs += ms);
    addSound = (data: AudioData, atMs: number) => void file.sound.push({ capturedAt: data.timestamp / 1000, atMs });
  },
}));

let said: FromCodecs[];
let worker: { onmessage: (e: { data: ToCodecs }) => void };
let startedAt: number;
const send = (m: ToCodecs) => worker.onmessage({ data: m });
const clock = () => Math.round(performance.timeOrigin + performance.now() - startedAt);

beforeEach(async () => {
  vi.useFakeTimers();
  Object.assign(file, { sound: [], silenceMs: 0 });
  said = [];
  worker = { postMessage: (m: FromCodecs) => said.push(m) } as unknown as typeof worker;
  vi.stubGlobal('self', worker);
  vi.resetModules();
  await import('./codecs.worker');
  startedAt = performance.timeOrigin + performance.now();
  const options = { video: null, hasSound: true, videoBitsPerSecond: 1, audioBitsPerSecond: 1, keyFrameMs: 1000 };
  send({ type: 'start', options, video: null, size: { width: 1, height: 1 }, startedAt });
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

/** Sound that was captured then arrives now. */
function giveSound(capturedAt: number) {
  const data = { timestamp: capturedAt * 1000, numberOfFrames: 480, sampleRate: 48_000, close() {} };
  send({ type: 'sound', data: data as unknown as AudioData, arrivedAt: startedAt + clock() });
}

/** Time passes in which a page reads `rate` parts of sound for each that is captured; `next`: the first that it has not read. */
async function hear(forMs: number, rate: number, next: number): Promise<number> {
  const to = clock() + forMs;
  for (let budget = 0; clock() < to;) {
    await vi.advanceTimersByTimeAsync(PART);
    for (budget += rate; budget >= 1 && next <= clock(); budget--, next += PART) giveSound(next);
  }
  return next;
}

it('keeps what was captured before Pause and Stop where the page reads it seconds later', async () => {
  let next = await hear(2000, 1, 0);
  next = await hear(6000, 0.5, next); // three seconds wait in the end
  expect(clock() - next).toBeGreaterThan(2500);
  send({ type: 'pause', at: startedAt + clock() });
  const pausedAt = clock();
  next = await hear(5000, 3, next);
  send({ type: 'resume', at: startedAt + clock() });
  const resumedAt = clock();
  next = await hear(4000, 0.5, next);
  send({ type: 'stop', at: startedAt + clock() });
  const stoppedAt = clock();
  await hear(6000, 0.6, next); // slower than END_MS allows for all of it at once
  const kept = file.sound.map((s) => s.capturedAt);
  const gaps = kept.slice(1).filter((at, i) => at - kept[i]! > 1.5 * PART);
  expect(gaps, 'only the pause is missing').toHaveLength(1);
  expect(kept.filter((at) => at <= pausedAt).at(-1)).toBeGreaterThanOrEqual(pausedAt - 4 * PART);
  expect(gaps[0]!).toBeLessThanOrEqual(resumedAt + 4 * PART);
  expect(kept.at(-1)).toBeGreaterThanOrEqual(stoppedAt - 4 * PART);
  expect(said.at(-1)).toEqual({ type: 'end' });
  expect(file.silenceMs, 'what is late is not missing').toBe(0);
  for (const { capturedAt, atMs } of file.sound.filter((s) => s.capturedAt < pausedAt))
    expect(Math.abs(atMs - capturedAt)).toBeLessThan(3 * PART);
});

it('keeps what was captured before a pause that Stop ends', async () => {
  const next = await hear(6000, 0.5, 0);
  send({ type: 'pause', at: startedAt + clock() });
  const pausedAt = clock();
  send({ type: 'stop', at: startedAt + clock() });
  await hear(2000, 3, next);
  expect(file.sound.at(-1)!.capturedAt).toBeGreaterThanOrEqual(pausedAt - 4 * PART);
  expect(said.at(-1)).toEqual({ type: 'end' });
});

it('fills up with silence what nobody gives', async () => {
  const next = await hear(2000, 1, 0);
  await hear(4000, 0, next);
  expect(file.silenceMs).toBeGreaterThan(2500);
});
