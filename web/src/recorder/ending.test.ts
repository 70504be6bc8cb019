// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkClock, type ClockCheck, type Expected } from './clockCheck';
import { markTitle } from './endAlert';
import { keepEndNotice, loadContinues } from './continues';
import { loadEndNotice, removeEndNotice, saveEndNotice } from './endNotice';
import { lostSource, type EndReason } from './endReason';
import type { Mode } from './capture';
import type { MediaTime } from './mediaTime';

describe('what a recording has lost', () => {
  const both = { camera: '', microphone: '' };
  const devices = (video: string | null, audio: string | null) =>
    ({
      getTracks: () =>
        [
          { kind: 'video', readyState: video },
          { kind: 'audio', readyState: audio },
        ].filter((t) => t.readyState !== null),
    }) as unknown as MediaStream;
  it.each<[Mode, MediaStream | null, EndReason]>([
    ['screen', devices(null, 'live'), 'sharing'],
    ['screen_camera', devices('ended', 'live'), 'sharing'],
    ['camera', devices('ended', 'live'), 'camera'],
    ['camera', devices('live', 'ended'), 'microphone'],
    ['camera', devices('ended', 'ended'), 'devices'],
    ['voice', devices(null, 'ended'), 'microphone'],
    ['camera', null, 'devices'],
    // A device that is gone is taken out of the stream.
    ['voice', devices(null, null), 'microphone'],
    ['camera', devices(null, 'live'), 'camera'],
    ['camera', devices('live', null), 'microphone'],
  ])('%s', (mode, stream, reason) => expect(lostSource(mode, { stream, wantedDevices: both })).toBe(reason));
  it.each([null, 'ended'])('a camera that was recorded without a microphone: %s', (video) => {
    expect(lostSource('camera', { stream: devices(video, null), wantedDevices: { ...both, microphone: null } })).toBe('camera');
  });
});

describe('clock and file', () => {
  const track = (to: number) => ({ from: 0, to, samples: 9 });
  const time = (video: number | null, audio: number | null): MediaTime => ({
    isKnown: true,
    ms: Math.max(video ?? 0, audio ?? 0),
    video: video === null ? null : track(video),
    audio: audio === null ? null : track(audio),
  });
  const camera: Expected = { picture: true, sound: true, hasSteadyPicture: true };
  const screen: Expected = { picture: true, sound: true, hasSteadyPicture: false };
  const none: ClockCheck = { missingMs: 0, soundBehindMs: 0, lacksPicture: false, lacksSound: false };
  it.each<[string, number, MediaTime, Expected, Partial<ClockCheck> | null]>([
    ['agree', 10_000, time(9900, 9950), camera, null],
    ['agree to half a second', 10_000, time(9500, 9500), camera, null],
    ['a file that is short', 10_000, time(9100, 9100), camera, { missingMs: 900 }],
    ['a file that is long', 10_000, time(11_000, 11_000), camera, { missingMs: -1000 }],
    ['sound that ends early', 10_000, time(10_000, 9000), camera, { soundBehindMs: 1000 }],
    ['a picture that ends early', 10_000, time(9000, 10_000), camera, { soundBehindMs: -1000 }],
    ['a screen on which nothing moves', 10_000, time(2000, 10_000), screen, null],
    ['the same without sound', 10_000, time(2000, null), { ...screen, sound: false }, null],
    [
      'a still screen whose picture is repeated',
      10_000,
      time(9000, null),
      { ...screen, sound: false, isRepeated: true },
      { missingMs: 1000 },
    ],
    ['the same with sound', 10_000, time(9000, 10_000), { ...screen, isRepeated: true }, { soundBehindMs: -1000 }],
    ['sound of a screen that ends early', 10_000, time(10_000, 9000), screen, { soundBehindMs: 1000 }],
    ['no picture', 10_000, time(null, 10_000), camera, { lacksPicture: true }],
    ['no sound', 10_000, time(10_000, null), camera, { lacksSound: true }],
    ['a file whose times cannot be read', 10_000, { ...time(1, 1), isKnown: false }, camera, null],
    ['a file with none', 10_000, time(null, null), camera, null],
  ])('%s', (_, clock, media, expected, check) => {
    expect(checkClock(clock, media, expected)).toEqual(check && { ...none, ...check });
  });
});

describe('the notice on the page of the clip', () => {
  it('stays until it is closed', () => {
    const notice = { title: 'Sharing was stopped at 0:04.', text: 'Everything up to there is saved.', isUnexpected: true };
    saveEndNotice('C1', notice);
    expect(loadEndNotice('C1')).toEqual(notice);
    expect(loadEndNotice('C2')).toBeNull();
    removeEndNotice('C1');
    expect(loadEndNotice('C1')).toBeNull();
  });
  it('offers to go on in the same clip for an hour', () => {
    const continues = { clipId: 'C1', startMs: 4321, mime: 'video/webm', mode: 'camera' as const, atMs: Date.now() - 58 * 60_000 };
    const notice = { title: 'The browser’s encoder failed at 0:04.', text: 'Everything up to there is saved.', isUnexpected: true };
    saveEndNotice('C1', { ...notice, continues });
    expect(loadContinues('C1')).toEqual({ clipId: 'C1', startMs: 4321, mime: 'video/webm' });
    saveEndNotice('C1', { ...notice, continues: { ...continues, atMs: Date.now() - 60 * 60_000 } });
    expect(loadContinues('C1')).toBeNull();
    saveEndNotice('C1', notice); // of a file that cannot be continued
    expect(loadContinues('C1')).toBeNull();
    expect(loadContinues(null)).toBeNull();
  });
  it('says first that it became a clip of its own, and then what else there is to say', () => {
    const notice = { title: 'It is 1.3 s shorter.', text: 'A busy computer does that.', isUnexpected: false };
    const ended = { ending: null, separated: '', continues: null, endMs: 4000, mime: 'video/webm', mode: 'camera' as const };
    keepEndNotice('C1', null, { ...ended, notice });
    expect(loadEndNotice('C1')!.title).toBe('This part became a clip of its own.');
    expect(loadEndNotice('C1')!.text).toMatch(/Both are saved.* It is 1\.3 s shorter\. A busy computer does that\.$/);
    keepEndNotice('C1', null, { ...ended, separated: null, notice });
    expect(loadEndNotice('C1')).toEqual(notice);
    keepEndNotice('C1', null, { ...ended, separated: null, notice: null });
    expect(loadEndNotice('C1')).toBeNull();
  });
  it('is none where what is stored cannot be read', () => {
    sessionStorage.setItem('tidings.ended.C1', '{');
    expect(loadEndNotice('C1')).toBeNull();
  });
});

describe('the title of the tab', () => {
  const leave = new AbortController();
  beforeEach(() => void (document.title = 'Record · Tidings'));
  afterEach(() => leave.abort());
  const setHidden = (hidden: boolean) => vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);

  it('says that the recording has ended until the page is looked at', () => {
    setHidden(true);
    markTitle(leave.signal);
    expect(document.title).toBe('Recording ended: Record · Tidings');
    setHidden(false);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(document.title).toBe('Record · Tidings');
  });
  it('stays as it is on a page that is seen', () => {
    setHidden(false);
    markTitle(leave.signal);
    expect(document.title).toBe('Record · Tidings');
  });
});
