import type { Bubble } from './bubble';

/** What is made of the picture when the computer cannot keep up. */
export interface PictureLimit {
  frameRate: number;
  scale: number; // of width and height
}

/** One step after the other: a quarter of the pixels follows only when half the pictures did not help. */
export const pictureLimits: PictureLimit[] = [
  { frameRate: 15, scale: 1 },
  { frameRate: 15, scale: 0.5 },
];

/** Limits the compositor where there is one, else the camera itself. */
export function limitPicture(limit: PictureLimit, bubble: Bubble | null, camera: MediaStreamTrack | undefined) {
  if (bubble) return bubble.limitPicture(limit);
  const { width = 1280, height = 720 } = camera?.getSettings() ?? {};
  const { frameRate, scale } = limit;
  const size = scale < 1 ? { width: { max: width * scale }, height: { max: height * scale } } : {};
  camera?.applyConstraints({ frameRate: { max: frameRate }, ...size }).catch(() => {}); // the next step, or the notice, remains
}
