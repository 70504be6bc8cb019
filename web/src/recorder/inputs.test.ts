// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { saveStored } from '../lib/storage';
import { wantsScreen, type Mode } from './capture';
import { Inputs } from './inputs.svelte';

const computer = () => true;
const phone = (m: Mode) => !wantsScreen(m);

beforeEach(() => localStorage.clear());

it.each<[string, string | null, string | null, (m: Mode) => boolean, Mode]>([
  ['the first time', null, null, computer, 'camera'],
  ['as last time', null, 'voice', computer, 'voice'],
  ['what the link asks for before that', 'screen_camera', 'voice', computer, 'screen_camera'],
  ['as last time where the link asks for what this browser cannot', 'screen', 'voice', phone, 'voice'],
  ['what it can where last time was on another browser', null, 'screen', phone, 'camera'],
  ['as last time where the link asks for what nobody knows', 'hologram', 'voice', computer, 'voice'],
])('opens with the mode %s', (_, asked, last, able, want) => {
  if (last) saveStored('recorder.mode', last);
  expect(new Inputs(able, asked).mode).toBe(want);
});

describe('while the browser opens the devices', () => {
  const track = (kind: string) =>
    Object.assign(new EventTarget(), {
      kind,
      readyState: 'live',
      label: '',
      getSettings: () => ({}),
      stop() {
        this.readyState = 'ended';
      },
    });
  const stream = () => {
    const tracks = [track('video'), track('audio')];
    const of = (kind: string) => tracks.filter((t) => t.kind === kind);
    return { tracks, getTracks: () => tracks, getAudioTracks: () => of('audio'), getVideoTracks: () => of('video') };
  };
  let changes: EventTarget;
  let asked: { constraints: MediaStreamConstraints; answer: (s: ReturnType<typeof stream>) => void }[];

  beforeEach(() => {
    asked = [];
    vi.stubGlobal(
      'AudioContext',
      class extends EventTarget {
        currentTime = 0;
        state = 'running';
        createMediaStreamSource = () => ({ connect: () => {}, disconnect: () => {} });
        audioWorklet = { addModule: () => Promise.reject(new Error('none')) };
        resume = () => Promise.resolve();
        close = () => Promise.resolve();
      },
    );
    changes = new EventTarget();
    const mediaDevices = {
      addEventListener: changes.addEventListener.bind(changes),
      enumerateDevices: () => Promise.resolve([]),
      getUserMedia: (constraints: MediaStreamConstraints) => new Promise((answer) => asked.push({ constraints, answer: answer as never })),
    };
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal(
      'ConstantSourceNode',
      class {
        start = () => {};
      },
    );
    vi.stubGlobal('navigator', { mediaDevices, permissions: { query: () => Promise.resolve({ state: 'granted' }) } });
  });
  afterEach(() => vi.unstubAllGlobals());
  const asks = (n: number) => vi.waitFor(() => expect(asked).toHaveLength(n));

  it('a click on "Record" waits for what the preview is opening, and asks only once', async () => {
    const inputs = new Inputs(computer);
    const preview = inputs.open();
    const recording = inputs.open();
    await asks(1);
    const got = stream();
    asked[0]!.answer(got);
    expect(await preview).toBe(got);
    expect(await recording).toBe(got);
    expect(got.tracks.map((t) => t.readyState)).toEqual(['live', 'live']);
    expect(inputs.opening).toBe(false);
  });

  it('a newer choice wins for everybody who waits, and the older stream is let go', async () => {
    const inputs = new Inputs(computer);
    const first = inputs.open();
    inputs.camera = 'another';
    const second = inputs.open();
    await asks(2);
    const [old, now] = [stream(), stream()];
    asked[0]!.answer(old);
    asked[1]!.answer(now);
    expect(await first).toBe(now);
    expect(await second).toBe(now);
    expect(old.tracks.map((t) => t.readyState)).toEqual(['ended', 'ended']);
    expect(inputs.stream).toBe(now);
  });

  it('what comes after all was let go is stopped: no light stays on', async () => {
    const inputs = new Inputs(computer);
    const opening = inputs.open();
    await asks(1);
    inputs.close();
    const late = stream();
    asked[0]!.answer(late);
    expect(await opening).toBeNull();
    expect(late.tracks.map((t) => t.readyState)).toEqual(['ended', 'ended']);
    expect(inputs.opening).toBe(false);
  });

  it('a choice that is still being looked at when all is let go opens nothing', async () => {
    const inputs = new Inputs(computer);
    const choice = inputs.updateChoice({});
    inputs.close();
    await choice;
    expect(asked).toHaveLength(0);
  });

  it('two devices that the browser lists under one id are listed once: a page cannot show them otherwise', async () => {
    const inputs = new Inputs(computer);
    const ids: [MediaDeviceKind, string][] = [
      ['audioinput', 'usb'],
      ['audioinput', 'usb'],
      ['audiooutput', 'usb'],
      ['videoinput', 'usb'],
    ];
    const listed = ids.map(([kind, deviceId]) => ({ kind, deviceId, label: 'Headset' }));
    vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockResolvedValue(listed as MediaDeviceInfo[]);
    expect(await inputs.listDevices('microphone')).toMatchObject([{ id: 'usb' }]);
    expect(inputs.microphones).toHaveLength(1);
    expect(inputs.cameras).toHaveLength(1);
    expect(inputs.speaker.devices).toHaveLength(1);
  });

  describe('when one is missing', () => {
    const refuse = () => Promise.reject(new DOMException('', 'NotFoundError'));
    const withoutMicrophone = () => vi.spyOn(navigator.mediaDevices, 'getUserMedia');

    it('says which, and records without it when that is decided', async () => {
      const inputs = new Inputs(computer);
      withoutMicrophone().mockImplementation((c) => (c?.audio ? refuse() : Promise.resolve(stream() as unknown as MediaStream)));
      await expect(inputs.open()).rejects.toThrow();
      expect(inputs.problem?.title).toBe('No microphone was found');
      expect(inputs.missing).toEqual(['microphone']);
      expect(inputs.canDoWithout).toBe(true);

      inputs.doWithoutMissing();
      expect(inputs.problem).toBeNull();
      expect(inputs.wantedDevices).toEqual({ camera: '', microphone: null });
      expect(await inputs.open()).not.toBeNull();

      await inputs.updateChoice({ microphone: '' });
      expect(inputs.wantedDevices.microphone).toBe('');
    });

    it('a voice cannot be recorded without a microphone', async () => {
      const inputs = new Inputs(computer, 'voice');
      withoutMicrophone().mockImplementation(refuse);
      await expect(inputs.open()).rejects.toThrow();
      expect(inputs.canDoWithout).toBe(false);
    });

    it('it goes on by itself when the device is plugged in', async () => {
      const inputs = new Inputs(computer);
      const leave = new AbortController();
      const asking = withoutMicrophone().mockImplementation(refuse);
      await inputs.begin(leave.signal);
      expect(inputs.problem).not.toBeNull();

      asking.mockImplementation(() => Promise.resolve(stream() as unknown as MediaStream));
      changes.dispatchEvent(new Event('devicechange'));
      await vi.waitFor(() => expect(inputs.problem).toBeNull());
      expect(inputs.stream).not.toBeNull();
      expect(inputs.missing).toEqual([]);
      leave.abort();
    });
  });

  it('what is opened while the microphone is muted is muted, too', async () => {
    const inputs = new Inputs(computer);
    inputs.setMuted(true);
    const opening = inputs.open();
    await asks(1);
    const got = stream();
    asked[0]!.answer(got);
    await opening;
    expect(got.getAudioTracks().map((t) => (t as { enabled?: boolean }).enabled)).toEqual([false]);
  });

  it('the microphone that takes the place of a muted one is muted, and heard again when asked', async () => {
    const inputs = new Inputs(computer);
    const opening = inputs.open();
    await asks(1);
    asked[0]!.answer(stream());
    await opening;
    inputs.setMuted(true);
    const next = Object.assign(track('audio'), { enabled: true });
    vi.stubGlobal(
      'MediaStream',
      class {
        constructor(private tracks: unknown[]) {}
        getAudioTracks = () => this.tracks.filter((t) => t === next);
        getTracks = () => this.tracks;
      },
    );
    inputs.useTrack('microphone', next as unknown as MediaStreamTrack);
    expect(next.enabled).toBe(false);
    inputs.setMuted(false);
    expect(next.enabled).toBe(true);
  });
});
