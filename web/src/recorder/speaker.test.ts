// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadStored, saveStored } from '../lib/storage';
import { listSpeakers, playSound } from './playSound';
import { Speaker } from './speaker.svelte';
import { makeTestTone } from './wave';

const device = (kind: string, deviceId: string, label = '') => ({ kind, deviceId, label, groupId: '' }) as MediaDeviceInfo;
const plugged = [
  device('audioinput', 'm', 'Microphone'),
  device('audiooutput', 'default', 'Default - Headset'),
  device('audiooutput', 'communications', 'Communications - Headset'),
  device('audiooutput', 'h', 'Headset'),
  device('audiooutput', 'tv'),
];

it('lists speakers alone, each once, with a name', () => {
  expect(listSpeakers(plugged)).toEqual([
    { id: 'h', label: 'Headset' },
    { id: 'tv', label: 'Speaker 2' },
  ]);
  expect(listSpeakers([device('audiooutput', '')])).toEqual([]); // before permission
});

/** An audio element that the test lets end. */
class FakeAudio extends EventTarget {
  static all: FakeAudio[] = [];
  sink = '';
  refuses: string | null = null;
  constructor(readonly url: string) {
    super();
    FakeAudio.all.push(this);
  }
  setSinkId(id: string) {
    if (id === 'gone') return Promise.reject(new DOMException('', 'NotFoundError'));
    this.sink = id;
    return Promise.resolve();
  }
  play = () => Promise.resolve();
  pause = vi.fn();
}
const last = () => FakeAudio.all.at(-1)!;

beforeEach(() => {
  localStorage.clear();
  FakeAudio.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('Audio', FakeAudio);
  vi.stubGlobal('HTMLMediaElement', { prototype: { setSinkId: () => {} } });
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  vi.spyOn(URL, 'revokeObjectURL');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a sound is played once', () => {
  const play = async (speaker: string) => {
    const outcome = playSound(makeTestTone(), speaker);
    await vi.advanceTimersByTimeAsync(0);
    return outcome;
  };

  it('through the speaker that was chosen', async () => {
    const outcome = play('h');
    await vi.advanceTimersByTimeAsync(0);
    last().dispatchEvent(new Event('ended'));
    expect(await outcome).toBe('played');
    expect(last().sink).toBe('h');
    expect(URL.revokeObjectURL).toHaveBeenCalledWith('blob:x');
  });

  it('through the default one where the chosen one is gone', async () => {
    const outcome = play('gone');
    await vi.advanceTimersByTimeAsync(0);
    last().dispatchEvent(new Event('ended'));
    expect(await outcome).toBe('default');
  });

  it('or it is said that the computer’s sound does not answer', async () => {
    const outcome = play('');
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toBe('failed');
    expect(last().pause).toHaveBeenCalled();
  });
});

describe('the speaker that was chosen', () => {
  it('is remembered, and used while it is plugged in', () => {
    const speaker = new Speaker();
    speaker.setDevices(plugged);
    speaker.choose('tv');
    expect(loadStored('recorder.speaker', '')).toBe('tv');

    const later = new Speaker();
    expect(later.used).toBeNull();
    later.setDevices(plugged);
    expect(later.used?.id).toBe('tv');
    later.setDevices(plugged.slice(0, 4));
    expect(later.used).toBeNull();
    later.setDevices(plugged);
    expect(later.used?.id).toBe('tv');
  });

  it('is named when it cannot be used', async () => {
    saveStored('recorder.speaker', 'gone');
    const speaker = new Speaker();
    speaker.setDevices([device('audiooutput', 'gone', 'Old headset')]);
    const playing = speaker.play('tone', makeTestTone());
    expect(speaker.playing).toBe('tone');
    await speaker.play('echo', makeTestTone()); // a click in between
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeAudio.all).toHaveLength(1);
    last().dispatchEvent(new Event('ended'));
    await playing;
    expect(speaker.playing).toBeNull();
    expect(speaker.problem).toContain('Old headset could not be used');
  });
});

describe('there is no control that does nothing', () => {
  it('no list in a browser that cannot choose, or names no speaker', () => {
    const speaker = new Speaker();
    expect(speaker.hasList).toBe(false);
    speaker.setDevices(plugged);
    expect(speaker.hasList).toBe(true);
    vi.stubGlobal('HTMLMediaElement', { prototype: {} });
    const elsewhere = new Speaker();
    elsewhere.setDevices(plugged);
    expect([elsewhere.hasList, elsewhere.hasPicker]).toEqual([false, false]);
  });

  it('the browser’s own window where there is one', async () => {
    const selectAudioOutput = vi.fn(() => Promise.resolve(device('audiooutput', 'new', 'New one')));
    vi.stubGlobal('navigator', { mediaDevices: { selectAudioOutput } });
    const speaker = new Speaker();
    expect(speaker.hasPicker).toBe(true);
    await speaker.chooseInBrowser();
    expect(speaker.used).toEqual({ id: 'new', label: 'New one' });
    selectAudioOutput.mockImplementation(() => Promise.reject(new DOMException('', 'NotAllowedError')));
    await speaker.chooseInBrowser();
    expect(speaker.chosen).toBe('new');
  });
});
