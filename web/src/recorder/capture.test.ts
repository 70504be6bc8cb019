// @vitest-environment happy-dom

import { afterEach, describe, expect, it, vi } from 'vitest';
import { CaptureError, isMonitor, modeWithout, openDevices, type Mode } from './capture';
import type { DeviceKind } from './devices';

afterEach(() => vi.unstubAllGlobals());

it.each<[string | undefined, boolean]>([
  ['monitor', true],
  [undefined, true],
  ['window', false],
  ['browser', false],
])('a shared surface %s counts as a monitor: %s', (displaySurface, want) => {
  expect(isMonitor({ getSettings: () => ({ displaySurface }) } as unknown as MediaStreamTrack)).toBe(want);
});
it('without a screen there is no monitor', () => expect(isMonitor(undefined)).toBe(false));

it.each<[Mode, DeviceKind[], Mode | null]>([
  ['camera', ['microphone'], 'camera'],
  ['camera', ['camera'], 'voice'],
  ['camera', ['camera', 'microphone'], null],
  ['screen', ['microphone'], 'screen'],
  ['screen_camera', ['camera'], 'screen'],
  ['screen_camera', ['microphone'], 'screen_camera'],
  ['screen_camera', ['camera', 'microphone'], 'screen'],
  ['voice', ['microphone'], null],
])('%s without %s is %s', (mode, without, want) => expect(modeWithout(mode, without)).toBe(want));

describe('openDevices says which of two is missing', () => {
  /** A computer on which devices of a kind fail with this name of an error, and what the browser remembers of permissions. */
  function computer(fails: { audio?: string; video?: string }, permissions: Record<string, string> = {}) {
    const opened: { kind: string; stop: ReturnType<typeof vi.fn> }[] = [];
    const getUserMedia = (c: MediaStreamConstraints) => {
      const kinds = (['audio', 'video'] as const).filter((k) => c[k]);
      const name = kinds.map((k) => fails[k]).find((f) => f);
      if (name) return Promise.reject(new DOMException('', name));
      const tracks = kinds.map((kind) => ({ kind, stop: vi.fn() }));
      opened.push(...tracks);
      return Promise.resolve({ getTracks: () => tracks });
    };
    vi.stubGlobal('navigator', {
      mediaDevices: { getUserMedia },
      permissions: { query: ({ name }: { name: string }) => Promise.resolve({ state: permissions[name] ?? 'prompt' }) },
    });
    return opened;
  }
  const failure = async () => (await openDevices({ camera: '', microphone: '' }).catch((e: unknown) => e)) as CaptureError;

  it.each([
    ['no microphone', { audio: 'NotFoundError' }, { camera: false, microphone: true }],
    ['no camera', { video: 'NotFoundError' }, { camera: true, microphone: false }],
    ['a busy camera', { video: 'NotReadableError' }, { camera: true, microphone: false }],
    ['neither', { audio: 'NotFoundError', video: 'NotFoundError' }, { camera: true, microphone: true }],
  ])('%s', async (_, fails, asked) => {
    const opened = computer(fails);
    expect((await failure()).asked).toEqual({ screen: false, ...asked });
    for (const t of opened) expect(t.stop).toHaveBeenCalled(); // no light stays on
  });

  it('a permission that was refused for one of them, without asking again', async () => {
    computer({ audio: 'NotAllowedError', video: 'NotAllowedError' }, { microphone: 'denied', camera: 'granted' });
    const e = await failure();
    expect(e.asked).toEqual({ screen: false, camera: false, microphone: true });
    expect((e.reason as DOMException).name).toBe('NotAllowedError');
  });
  it('both, where the browser does not tell', async () => {
    computer({ audio: 'NotAllowedError', video: 'NotAllowedError' });
    expect((await failure()).asked).toEqual({ screen: false, camera: true, microphone: true });
  });
});
