// @vitest-environment happy-dom

import { beforeEach, expect, it, vi } from 'vitest';
import { TrackedDevice } from './device.svelte';

class Track extends EventTarget {
  readyState = 'live';
  muted = false;
  label = 'Camera';
  getSettings = () => ({ deviceId: 'usb' });
  stop() {}
}

let track: Track, device: TrackedDevice;

beforeEach(() => {
  localStorage.clear();
  track = new Track();
  device = new TrackedDevice('camera', {
    openTrack: () => Promise.reject(new DOMException('', 'NotFoundError')),
    listDevices: () => Promise.resolve(null),
    canReplace: () => true,
    useTrack: () => {},
  });
  device.adoptTrack(track as unknown as MediaStreamTrack);
});

const unmute = () => track.dispatchEvent(new Event('unmute'));

it.each([
  ['a picture comes again', () => device.setStill(false), 'live'],
  ['the system no longer mutes it', unmute, 'muted'],
])('a camera from which nothing comes is named like a muted one: %s', (_, happens, name) => {
  device.setStill(true);
  expect(device.state.name).toBe('muted');
  happens();
  expect(device.state.name).toBe(name);
});

it('one that the system mutes stays named when a last picture comes', () => {
  device.setStill(true);
  track.muted = true;
  device.setStill(false);
  expect(device.state.name).toBe('muted');
});

it('another one that is chosen is not called still', () => {
  vi.useFakeTimers();
  device.setStill(true);
  device.adoptTrack(track as unknown as MediaStreamTrack);
  expect(device.state.name).toBe('live');

  track.dispatchEvent(new Event('mute'));
  vi.advanceTimersByTime(10_000);
  expect(device.state.name).toBe('muted');
  unmute();
  expect(device.state.name).toBe('live');
  vi.useRealTimers();
});
