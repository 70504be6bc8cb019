import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rootMeanSquare, TrackLevel } from './trackLevel';

let sound: Float32Array | null; // what is decoded next; null: nothing can be
let level: TrackLevel | undefined;
const decodeAudioData = vi.fn(() => (sound ? Promise.resolve({ getChannelData: () => sound }) : Promise.reject(new Error('unknown'))));

beforeEach(() => {
  vi.useFakeTimers(); // vi.waitFor moves them on
  decodeAudioData.mockClear();
  vi.stubGlobal(
    'MediaRecorder',
    class {
      state = 'recording';
      ondataavailable = (_: { data: Blob }) => {};
      onstop = () => {};
      start = () => {};
      stop() {
        this.ondataavailable({ data: new Blob(['moment']) });
        this.onstop();
      }
    },
  );
  vi.stubGlobal('MediaStream', class {});
  vi.stubGlobal(
    'OfflineAudioContext',
    class {
      decodeAudioData = decodeAudioData;
    },
  );
});
afterEach(() => {
  level?.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const live = { readyState: 'live' } as MediaStreamTrack;

it('tells how loud a track is, again and again', async () => {
  sound = new Float32Array([0.5, -0.5]);
  const heard: number[] = [];
  level = new TrackLevel(
    () => live,
    (rms) => heard.push(rms),
  );
  await vi.waitFor(() => expect(heard).toEqual([0.5]));
  sound = new Float32Array(2);
  await vi.waitFor(() => expect(heard.at(-1)).toBe(0));
});

it('says nothing of a track that is not recorded any more', async () => {
  sound = new Float32Array(2);
  const onlevel = vi.fn();
  const track = vi.fn<() => MediaStreamTrack | null>(() => null).mockReturnValueOnce(live);
  level = new TrackLevel(track, onlevel);
  await vi.waitFor(() => expect(track.mock.calls.length).toBeGreaterThan(2));
  expect(onlevel).not.toHaveBeenCalled();
});

it('gives up where the browser cannot decode what it records', async () => {
  sound = null;
  const onlevel = vi.fn();
  const track = vi.fn(() => live);
  level = new TrackLevel(track, onlevel);
  await vi.waitFor(() => expect(decodeAudioData).toHaveBeenCalled());
  await vi.advanceTimersByTimeAsync(2000);
  expect(track).toHaveBeenCalledTimes(1);
  expect(onlevel).not.toHaveBeenCalled();
});

it('the loudness of nothing is 0', () => expect(rootMeanSquare(new Float32Array())).toBe(0));
