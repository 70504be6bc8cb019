import type { Mode } from './capture';

/**
 * What MediaRecorder is asked for: the first kind of file the browser can write. MP4 with H.264 spares the server
 * an encode and the computer half the work of VP8; `avc3` (settings in the stream, ISO/IEC 14496-15) survives a window that is
 * resized, after which `avc1` is garbage. WebM is what Firefox has.
 */
export const videoTypes = [
  'video/mp4;codecs=avc3.42E01F,mp4a.40.2',
  'video/mp4;codecs=avc3.42E01F,opus',
  'video/mp4;codecs=avc1.42E01F,mp4a.40.2',
  'video/webm;codecs=vp9,opus',
  'video/webm;codecs=vp8,opus',
  'video/webm',
];
/** The same without a sound codec: Firefox gives no media, and no error, where the type names one and the stream has no sound. */
export const pictureTypes = [
  'video/mp4;codecs=avc3.42E01F',
  'video/mp4;codecs=avc1.42E01F',
  'video/webm;codecs=vp9',
  'video/webm;codecs=vp8',
  'video/webm',
];
export const audioTypes = ['audio/mp4;codecs=mp4a.40.2', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus'];

/** The type to record with, or null when the browser can write none of them. */
export function recordingType(picture: boolean, supported: (type: string) => boolean): string | null {
  return (picture ? videoTypes : audioTypes).find(supported) ?? null;
}

/** Bits a second; what the encoder makes of it is its own affair. */
const pictureRate = { screen: 3_000_000, camera: 2_500_000 };

const soundRate = 96_000;

/** What the encoder is asked for, in bytes a millisecond. */
export const encoderRate = (mode: Mode) =>
  (soundRate + (mode === 'voice' ? 0 : mode === 'camera' ? pictureRate.camera : pictureRate.screen)) / 8000;

export type RecorderOptions = MediaRecorderOptions & { videoKeyFrameIntervalDuration?: number };

/**
 * MP4 leaves the recorder one key frame at a time: without the interval the first bytes come after 7 s, and a crash costs as
 * much. Those of a camera add 5 to 7 % to its bits where they come every 0.4 s; those of a screen are large, so it has fewer.
 */
export const recorderOptions = (mimeType: string, screen: boolean): RecorderOptions => ({
  mimeType,
  videoBitsPerSecond: screen ? pictureRate.screen : pictureRate.camera,
  audioBitsPerSecond: soundRate,
  videoKeyFrameIntervalDuration: screen ? 2000 : holdsFragments(mimeType) ? 400 : 1000,
});

/** Whether an encoder of this type hands out whole fragments alone, from one key frame to the next. */
export const holdsFragments = (mime: string) => mime.startsWith('video/mp4');

/** How often (ms) an encoder hands out what it has: a page that is left at once, on a busy computer, loses what was not. */
export const CHUNK_MS = 250;

/** An encoder of this type that has given nothing for so long (ms) may not go on. */
export const standbyMs = (mime: string, screen: boolean) =>
  1250 + (holdsFragments(mime) ? Math.max(1000, recorderOptions(mime, screen).videoKeyFrameIntervalDuration!) : CHUNK_MS);

/** One way to record the stream. */
export interface EncoderType {
  mimeType: string;
  /** Only the sound of a stream that has a picture too. */
  soundAlone: boolean;
  /** By WebCodecs and a muxer instead of the browser's MediaRecorder. */
  usesCodecs?: boolean;
}

/** The types that fit the tracks of a stream. */
function typesFor(picture: boolean, sound: boolean): string[] {
  if (!picture) return audioTypes;
  return sound ? videoTypes : pictureTypes;
}

const containerOf = (mimeType: string) => mimeType.split(';')[0]!;

/**
 * What is recorded with, and what is tried one after the other while that gives nothing: another container (often another
 * encoder behind it), another codec in the first one, sound alone.
 */
export function encoderTypes(picture: boolean, sound: boolean, supported: (type: string) => boolean): EncoderType[] {
  const can = typesFor(picture, sound).filter(supported);
  const [first] = can;
  if (first === undefined) return [{ mimeType: '', soundAlone: false }]; // the browser's own choice
  const other = can.find((t) => containerOf(t) !== containerOf(first));
  const codec = can.find((t) => t !== first && containerOf(t) === containerOf(first));
  const alone = picture && sound ? audioTypes.find(supported) : undefined;
  return [
    ...[first, other, codec].filter((t) => t !== undefined).map((mimeType) => ({ mimeType, soundAlone: false })),
    ...(alone === undefined ? [] : [{ mimeType: alone, soundAlone: true }]),
  ];
}

/** What continues a file of this kind with its sound alone, in the same codec; null where the browser cannot. */
export function soundAloneType(mimeType: string, supported: (type: string) => boolean): EncoderType | null {
  const [, container, codec] = /^video\/(mp4|webm); ?codecs="?[^,]+, ?([^,"]+)"?$/.exec(mimeType) ?? [];
  const type = `audio/${container};codecs=${codec}`;
  return codec !== undefined && supported(type) ? { mimeType: type, soundAlone: true } : null;
}
