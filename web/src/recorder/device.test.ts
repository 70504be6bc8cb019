// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MUTE_PATIENCE, OPEN_PATIENCE, TrackedDevice, type DeviceHost } from './device.svelte';
import type { Device } from './devices';

class Track extends EventTarget {
  readyState = 'live';
  muted = false;
  constructor(
    readonly id: string,
    readonly label = `Microphone ${id}`,
  ) {
    super();
  }
  getSettings = () => ({ deviceId: this.id });
  stop = () => void (this.readyState = 'ended');
  end() {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
  mute(muted: boolean) {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
}

/** A computer with these microphones. */
class Host implements DeviceHost {
  replaceable = true;
  opened: Track[] = [];
  used: (string | null)[] = [];
  constructor(public plugged: string[]) {}
  openTrack = (_: string, id: string) => {
    const found = this.plugged.find((p) => p === id || id === '');
    if (!found) return Promise.reject(new DOMException('', 'NotFoundError'));
    const track = new Track(found);
    this.opened.push(track);
    return Promise.resolve(track as unknown as MediaStreamTrack);
  };
  tells = true;
  listDevices = () =>
    Promise.resolve(
      this.tells ? this.plugged.map((id): Device => ({ id, label: `Microphone ${id}`, isMonitorSource: id.startsWith('monitor') })) : null,
    );
  canReplace = () => this.replaceable;
  useTrack = (_: string, track: MediaStreamTrack | null) => void this.used.push(track && (track as unknown as Track).id);
}

let host: Host, first: Track, device: TrackedDevice;

beforeEach(() => {
  localStorage.clear();
  host = new Host(['usb', 'desk', 'lid']);
  first = new Track('usb');
  device = new TrackedDevice('microphone', host);
  device.adoptTrack(first as unknown as MediaStreamTrack);
});
afterEach(() => vi.useRealTimers());

const settles = (name: string) => vi.waitFor(() => expect(device.state.name).toBe(name));

it('goes on with the default when the track ends', async () => {
  host.plugged = ['desk', 'lid'];
  first.end();
  await settles('replaced');
  expect(host.used).toEqual([null, 'desk']);
});

it('goes on with the one used before rather than with the default', async () => {
  await device.changeTo('lid');
  await device.changeTo('usb');
  host.used = [];
  host.plugged = ['desk', 'lid'];
  host.opened.at(-1)!.end();
  await settles('replaced');
  expect(host.used).toEqual([null, 'lid']);
});

it('does not go on with what an output plays, and does with the next microphone', async () => {
  host.plugged = ['monitor of speakers'];
  first.end();
  await settles('missing');
  expect(host.opened.every((t) => t.readyState === 'ended')).toBe(true);
  await device.check();
  expect(device.state.name).toBe('missing');
  host.plugged.push('desk');
  await device.check();
  expect(device.state).toMatchObject({ name: 'replaced', device: { id: 'desk' } });
});

it('a device that leaves the list is gone, also when its track does not end', async () => {
  host.plugged = ['desk'];
  await device.check();
  expect(device.state).toMatchObject({ name: 'replaced', lost: { id: 'usb' }, device: { id: 'desk' } });
  expect(first.readyState).toBe('ended');
});

it('a browser that does not tell what is plugged in changes nothing', async () => {
  host.tells = false;
  await device.check();
  expect(device.state.name).toBe('live');
});

it('a track that ended without an event is noticed', async () => {
  host.plugged = ['desk'];
  first.stop();
  device.checkTrack();
  await settles('replaced');
});

it('without another one the next that is plugged in goes on', async () => {
  host.plugged = [];
  first.end();
  await settles('missing');
  host.plugged = ['desk'];
  await device.check();
  expect(device.state).toMatchObject({ name: 'replaced', device: { id: 'desk' } });
  expect(host.used).toEqual([null, 'desk']);
});

it('offers the lost one when it is back, and goes back to it only when asked', async () => {
  host.plugged = ['desk'];
  first.end();
  await settles('replaced');
  host.plugged = ['desk', 'usb'];
  await device.check();
  expect(device.state).toMatchObject({ name: 'replaced', back: true, device: { id: 'desk' } });
  await device.changeTo('usb');
  expect(device.state).toMatchObject({ name: 'live', device: { id: 'usb' } });
  expect(host.opened[0]!.readyState).toBe('ended');
});

it('nothing is opened where the recording cannot go on from another', async () => {
  host.replaceable = false;
  first.end();
  await settles('missing');
  await device.check();
  expect(host.opened).toEqual([]);
});

it('a device that is muted by the system for long is named, until it is not', () => {
  vi.useFakeTimers();
  first.mute(true);
  vi.advanceTimersByTime(MUTE_PATIENCE - 1);
  expect(device.state.name).toBe('live');
  vi.advanceTimersByTime(1);
  expect(device.state.name).toBe('muted');
  first.mute(false);
  expect(device.state.name).toBe('live');
});

it('a moment of mute is not worth a word', () => {
  vi.useFakeTimers();
  first.mute(true);
  vi.advanceTimersByTime(MUTE_PATIENCE / 2);
  first.mute(false);
  vi.advanceTimersByTime(MUTE_PATIENCE * 2);
  expect(device.state.name).toBe('live');
});

it('another one that cannot be opened changes nothing', async () => {
  await expect(device.changeTo('gone')).rejects.toThrow();
  expect(device.state).toMatchObject({ name: 'live', device: { id: 'usb' } });
  expect(first.readyState).toBe('live');
});

it('what is opened after all was let go is stopped', async () => {
  first.end();
  device.adoptTrack(null);
  await vi.waitFor(() => expect(host.opened).toHaveLength(1));
  await vi.waitFor(() => expect(host.opened[0]!.readyState).toBe('ended'));
  expect(device.state.name).toBe('off');
  expect(host.used).toEqual([null]);
});

it('tries the next one when the browser does not answer, and uses a late answer only where nothing was found', async () => {
  vi.useFakeTimers();
  const answers: ((t: Track) => void)[] = [];
  const open = host.openTrack;
  host.openTrack = (_, id) =>
    id === '' ? new Promise((resolve) => answers.push((t) => resolve(t as unknown as MediaStreamTrack))) : open(_, id);
  host.plugged = ['desk'];
  first.end();
  await vi.advanceTimersByTimeAsync(OPEN_PATIENCE);
  expect(device.state).toMatchObject({ name: 'replaced', device: { id: 'desk' } });
  const late = new Track('lid');
  answers[0]!(late);
  await vi.advanceTimersByTimeAsync(0);
  expect([late.readyState, host.used]).toEqual(['ended', [null, 'desk']]);

  host.plugged = [];
  host.opened[0]!.end();
  await vi.advanceTimersByTimeAsync(OPEN_PATIENCE);
  expect(device.state.name).toBe('missing');
  answers[1]!(new Track('lid'));
  await vi.advanceTimersByTimeAsync(0);
  expect(device.state).toMatchObject({ name: 'replaced', device: { id: 'lid' } });
});

it('says that permission was withdrawn, and goes on when it is given again', async () => {
  const open = host.openTrack;
  host.openTrack = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  first.end();
  await settles('missing');
  expect(device.state).toMatchObject({ isDenied: true });
  host.openTrack = open;
  await device.check();
  expect(device.state.name).toBe('live');
});

/** Has the opening of this device wait until it is answered. */
function holdOpening(id: string) {
  const open = host.openTrack;
  const answers: ((isThere: boolean) => void)[] = [];
  host.openTrack = (kind, asked) => {
    if (asked !== id) return open(kind, asked);
    return new Promise((resolve, reject) =>
      answers.push((isThere) => (isThere ? void open(kind, id).then(resolve) : reject(new DOMException('', 'NotReadableError')))),
    );
  };
  return answers;
}

it('the list that changes while one is looked for neither begins anew nor is forgotten', async () => {
  host.plugged = [];
  first.end();
  await settles('missing');
  host.plugged = ['desk'];
  const answers = holdOpening('');
  const found = device.check();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  for (let i = 0; i < 3; i++) await device.check();
  expect(answers).toHaveLength(1);
  answers[0]!(true);
  await found;
  expect(device.state).toMatchObject({ name: 'replaced', device: { id: 'desk' } });
  expect(host.opened.map((t) => t.readyState)).toEqual(['live']);
});

it('one that is plugged in while the search fails is tried after it', async () => {
  host.plugged = [];
  const answers = holdOpening('');
  first.end();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  host.plugged = ['desk'];
  await device.check();
  answers[0]!(false);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(true);
  await settles('replaced');
});

it('one chosen by hand is used although the one before goes while it opens', async () => {
  const answers = holdOpening('lid');
  const chosen = device.changeTo('lid');
  host.plugged = ['desk', 'lid'];
  first.end();
  await settles('replaced');
  answers[0]!(true);
  await chosen;
  expect(device.state).toMatchObject({ name: 'live', device: { id: 'lid' } });
  expect(host.used).toEqual([null, 'desk', 'lid']);
  expect(host.opened.map((t) => [t.id, t.readyState])).toEqual([
    ['desk', 'ended'],
    ['lid', 'live'],
  ]);
});

it('of two that are chosen the second is used, whichever opens first', async () => {
  const answers = holdOpening('lid');
  const chosen = device.changeTo('lid');
  await device.changeTo('desk');
  answers[0]!(true);
  await chosen;
  expect(device.state).toMatchObject({ name: 'live', device: { id: 'desk' } });
  expect(host.opened.map((t) => t.readyState)).toEqual(['live', 'ended']);
});

it('one that is back so soon that the browser says nothing of it is used, and nothing is opened meanwhile', async () => {
  vi.useFakeTimers();
  host.plugged = [];
  first.end();
  await vi.advanceTimersByTimeAsync(100);
  expect(device.state.name).toBe('missing');
  const opening = vi.spyOn(host, 'openTrack');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(opening).not.toHaveBeenCalled();
  host.plugged = ['desk'];
  await vi.advanceTimersByTimeAsync(3000);
  expect(device.state.name).toBe('replaced');
  device.adoptTrack(null);
});
