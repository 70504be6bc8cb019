// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi, type MockInstance } from 'vitest';
import * as capturing from './capture';
import { CaptureError } from './capture';
import { CaptureSource } from './captureSource.svelte';
import type { DeviceKind } from './devices';
import type { Inputs } from './inputs.svelte';
import { corner } from './layout';

class Track extends EventTarget {
  readyState = 'live';
  stop = () => void (this.readyState = 'ended');
}
function chosenScreen() {
  const track = new Track();
  return { track, stream: { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream };
}

const camera = {} as MediaStreamTrack;
let inputs: Pick<Inputs, 'fixed' | 'ontrack'> & { open: () => Promise<MediaStream | null> };
const setStill = vi.fn();
let source: CaptureSource, capture: capturing.Capture;
let share: MockInstance<typeof capturing.openScreen>;

beforeEach(() => {
  inputs = {
    fixed: [],
    ontrack: () => {},
    open: () => Promise.resolve(null),
    ...{ sound: { isRunning: () => Promise.resolve(true) }, cameraDevice: { setStill } },
  };
  source = new CaptureSource(inputs as unknown as Inputs);
  capture = { fixed: ['microphone'], setCamera: vi.fn(), onstill: vi.fn(), stop: vi.fn() } as unknown as capturing.Capture;
  vi.spyOn(capturing, 'combineStreams').mockImplementation(() => Promise.resolve(capture));
  share = vi.spyOn(capturing, 'openScreen');
});
afterEach(() => vi.restoreAllMocks());

const missing = () =>
  Promise.reject(new CaptureError(new DOMException('', 'NotFoundError'), { screen: false, camera: false, microphone: true }));
const open = (onlost: (kind: DeviceKind) => void = () => {}) => source.open('screen', corner, onlost);

it('a screen that was chosen stays when a device is missing, and is taken by the next attempt', async () => {
  const screen = chosenScreen();
  share.mockResolvedValue(screen.stream);
  inputs.open = missing;
  await expect(open()).rejects.toThrow(CaptureError);
  expect(source.keptScreen).toBe(screen.stream);
  expect(screen.track.readyState).toBe('live');

  inputs.open = () => Promise.resolve(null);
  await open();
  expect(share).toHaveBeenCalledOnce();
  expect(source.keptScreen).toBeNull();
});

it('a kept screen that is stopped in the browser’s own bar is asked for again', async () => {
  const screen = chosenScreen();
  share.mockResolvedValue(screen.stream);
  inputs.open = missing;
  await expect(open()).rejects.toThrow();
  screen.track.stop();
  screen.track.dispatchEvent(new Event('ended'));
  expect(source.keptScreen).toBeNull();
  await expect(open()).rejects.toThrow();
  expect(share).toHaveBeenCalledTimes(2);
});

it('a kept screen that is let go is shared no longer', async () => {
  const screen = chosenScreen();
  share.mockResolvedValue(screen.stream);
  inputs.open = missing;
  await expect(open()).rejects.toThrow();
  source.releaseScreen();
  expect(screen.track.readyState).toBe('ended');
});

it('the capture goes on from another camera until it is stopped', async () => {
  share.mockResolvedValue(chosenScreen().stream);
  const got = await open();
  inputs.ontrack('camera', camera);
  expect(capture.setCamera).toHaveBeenCalledExactlyOnceWith(camera);
  got.stop();
  inputs.ontrack('camera', camera);
  expect(capture.setCamera).toHaveBeenCalledOnce();
  expect(capture.stop).toHaveBeenCalledOnce();
  expect(inputs.fixed).toEqual([]);
});

it('says when a device goes that nothing can stand in for', async () => {
  share.mockResolvedValue(chosenScreen().stream);
  const lost: DeviceKind[] = [];
  await open((kind) => lost.push(kind));
  expect(inputs.fixed).toEqual(['microphone']);
  inputs.ontrack('camera', null);
  inputs.ontrack('microphone', null);
  expect(lost).toEqual(['microphone']);
});

it('says of the camera that no picture comes, until nobody looks any more', async () => {
  setStill.mockClear();
  share.mockResolvedValue(chosenScreen().stream);
  const opened = await open();
  const [say] = vi.mocked(capture.onstill).mock.calls[0]!;
  say(true);
  opened.stop();
  expect(setStill.mock.calls).toEqual([[true], [false]]);
});
