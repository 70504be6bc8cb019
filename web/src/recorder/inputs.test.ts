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
  const track = (kind: string) => ({
    kind,
    readyState: 'live',
    stop() {
      this.readyState = 'ended';
    },
  });
  const stream = () => {
    const tracks = [track('video'), track('audio')];
    return { tracks, getTracks: () => tracks, getAudioTracks: () => [] };
  };
  let asked: { constraints: MediaStreamConstraints; answer: (s: ReturnType<typeof stream>) => void }[];

  beforeEach(() => {
    asked = [];
    vi.stubGlobal(
      'AudioContext',
      class {
        audioWorklet = { addModule: () => Promise.reject(new Error('none')) };
        resume = () => Promise.resolve();
        close = () => Promise.resolve();
      },
    );
    const mediaDevices = {
      addEventListener: () => {},
      enumerateDevices: () => Promise.resolve([]),
      getUserMedia: (constraints: MediaStreamConstraints) => new Promise((answer) => asked.push({ constraints, answer: answer as never })),
    };
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
});
