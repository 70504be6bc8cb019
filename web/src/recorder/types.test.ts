import { describe, expect, it } from 'vitest';
import { encoderTypes, recorderOptions, recordingType, soundAloneType } from './types';

describe('recordingType', () => {
  const browsers: [string, RegExp, string | null, string | null][] = [
    [
      'Chromium without AAC',
      /^(video\/(mp4;codecs=avc[13][^,]*,opus|webm.*)|audio\/(webm;codecs=opus))$/,
      'video/mp4;codecs=avc3.42E01F,opus',
      'audio/webm;codecs=opus',
    ],
    ['Chrome with AAC', /./, 'video/mp4;codecs=avc3.42E01F,mp4a.40.2', 'audio/mp4;codecs=mp4a.40.2'],
    ['Safari', /mp4;codecs=(avc1.*)?mp4a/, 'video/mp4;codecs=avc1.42E01F,mp4a.40.2', 'audio/mp4;codecs=mp4a.40.2'],
    ['Firefox', /^video\/webm;codecs=vp8,opus$|^audio\/(webm|ogg);codecs=opus$/, 'video/webm;codecs=vp8,opus', 'audio/webm;codecs=opus'],
    ['one that can write nothing', /^never$/, null, null],
  ];
  it.each(browsers)('%s', (_, can, video, audio) => {
    expect(recordingType(true, (t) => can.test(t))).toBe(video);
    expect(recordingType(false, (t) => can.test(t))).toBe(audio);
  });
});

it('key frames come often where a page that is left loses what came since the last', () => {
  expect(recorderOptions('video/mp4', true)).toMatchObject({ mimeType: 'video/mp4', videoKeyFrameIntervalDuration: 2000 });
  expect(recorderOptions('video/mp4', false).videoKeyFrameIntervalDuration).toBeLessThan(500);
  expect(recorderOptions('video/webm', false).videoKeyFrameIntervalDuration).toBe(1000);
});

describe('encoderTypes', () => {
  const list = (picture: boolean, sound: boolean, can: RegExp) =>
    encoderTypes(picture, sound, (t) => can.test(t)).map((t) => t.mimeType + (t.soundAlone ? ' (sound alone)' : ''));
  it('tries another container, another codec, and sound alone', () => {
    expect(list(true, true, /./)).toEqual([
      'video/mp4;codecs=avc3.42E01F,mp4a.40.2',
      'video/webm;codecs=vp9,opus',
      'video/mp4;codecs=avc3.42E01F,opus',
      'audio/mp4;codecs=mp4a.40.2 (sound alone)',
    ]);
  });
  const browsers: [string, RegExp, string[], string[], string[]][] = [
    [
      'Chromium',
      /^(video\/(mp4;codecs=avc[13][^,]*(,opus)?|webm.*)|audio\/webm;codecs=opus)$/,
      ['video/mp4;codecs=avc3.42E01F,opus', 'video/webm;codecs=vp9,opus', 'audio/webm;codecs=opus (sound alone)'],
      ['video/mp4;codecs=avc3.42E01F', 'video/webm;codecs=vp9', 'video/mp4;codecs=avc1.42E01F'],
      ['audio/webm;codecs=opus'],
    ],
    [
      'Safari',
      /^video\/mp4;codecs=avc1[^,]*(,mp4a.*)?$|^audio\/mp4/,
      ['video/mp4;codecs=avc1.42E01F,mp4a.40.2', 'audio/mp4;codecs=mp4a.40.2 (sound alone)'],
      ['video/mp4;codecs=avc1.42E01F'],
      ['audio/mp4;codecs=mp4a.40.2'],
    ],
    [
      'Firefox',
      /^video\/webm(;codecs=vp8(,opus)?)?$|^audio\/(webm|ogg);codecs=opus$/,
      ['video/webm;codecs=vp8,opus', 'video/webm', 'audio/webm;codecs=opus (sound alone)'],
      ['video/webm;codecs=vp8', 'video/webm'],
      ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus'],
    ],
  ];
  it.each(browsers)('names the codecs of the tracks that are there, and no others: %s', (_, can, both, picture, sound) => {
    expect(list(true, true, can)).toEqual(both);
    expect(list(true, false, can)).toEqual(picture);
    expect(list(false, true, can)).toEqual(sound);
  });
  it('has no sound alone where there is no sound', () =>
    expect(list(true, false, /webm/)).not.toContain('audio/webm;codecs=opus (sound alone)'));
  it('tries other sound for sound', () =>
    expect(list(false, true, /webm|ogg/)).toEqual(['audio/webm;codecs=opus', 'audio/ogg;codecs=opus']));
  it('leaves the choice to a browser that names none', () => expect(list(true, true, /^never$/)).toEqual(['']));
});

it.each([
  ['video/mp4;codecs=avc3.42E01F,mp4a.40.2', 'audio/mp4;codecs=mp4a.40.2'],
  ['video/webm; codecs="vp8, opus"', 'audio/webm;codecs=opus'],
  ['video/webm', null],
  ['audio/webm;codecs=opus', null],
  ['video/mp4;codecs=avc3.42E01F,opus', null], // not supported here
])('soundAloneType: %s is continued with %s', (file, alone) => {
  expect(soundAloneType(file, (t) => t !== 'audio/mp4;codecs=opus')?.mimeType ?? null).toBe(alone);
});
