import type { MediaTime } from './mediaTime';

/** A difference (ms) that people notice. */
const NOTICED_MS = 500;

/** How a recording differs from what it should be; 0 = not by enough to be noticed. */
export interface ClockCheck {
  missingMs: number; // less in the file than the clock showed; negative: more
  soundBehindMs: number; // sound ends before the picture; negative: the picture before the sound
  lacksPicture: boolean; // there should be one
  lacksSound: boolean;
}

/** What should be in the file, and whether its picture lasts to the end: that of a screen on which nothing moves may not. */
export interface Expected {
  picture: boolean;
  sound: boolean;
  hasSteadyPicture: boolean; // a camera's rate
  isRepeated?: boolean; // by the recorder, while nothing moves
}

const noticed = (ms: number) => (Math.abs(ms) > NOTICED_MS ? Math.round(ms) : 0);

/** Compares the recorder's clock with the file, and its sound with its picture. Null when nothing differs, or nothing is known. */
export function checkClock(clockMs: number, time: MediaTime, expected: Expected): ClockCheck | null {
  if (!time.isKnown || !(time.video || time.audio)) return null;
  const { video, audio } = time;
  const behind = video && audio ? video.to - audio.to : 0;
  const lasts = expected.hasSteadyPicture || !!expected.isRepeated;
  const check: ClockCheck = {
    missingMs: time.audio || lasts ? noticed(clockMs - time.ms) : 0,
    soundBehindMs: behind > 0 || lasts ? noticed(behind) : 0,
    lacksPicture: expected.picture && !video,
    lacksSound: expected.sound && !audio,
  };
  return Object.values(check).some(Boolean) ? check : null;
}
