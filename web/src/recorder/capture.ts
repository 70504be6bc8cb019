/** Combines the chosen devices into the stream that is recorded: at most one video and one audio track. */
import { openBubble, type Bubble } from './bubble';
import type { Layout } from './layout';
import type { Meta } from './meta';
import type { Asked } from './problem';
import { limitPicture, type PictureLimit } from './pictureLimit';
import type { AudioGraph } from './sound';

export type Mode = Meta['kind'];

/** Device ids; '' is the browser's default, null is none. */
export interface Devices {
  camera: string | null;
  microphone: string | null;
}

export const wantsScreen = (m: Mode) => m === 'screen' || m === 'screen_camera';
export const wantsCamera = (m: Mode) => m === 'camera' || m === 'screen_camera';

/** A capture that failed, and what had been asked for. */
export class CaptureError extends Error {
  constructor(
    readonly reason: unknown,
    readonly asked: Asked,
  ) {
    super('capture', { cause: reason });
  }
}

/** Not yet in TypeScript's DOM library (https://www.w3.org/TR/screen-capture/#dom-displaymediastreamoptions). */
type DisplayOptions = DisplayMediaStreamOptions & {
  selfBrowserSurface?: 'exclude';
  surfaceSwitching?: 'include';
  systemAudio?: 'include';
};

/** Asks for a screen, window or tab. Must be the first thing a click does: the browser wants to see that click. */
export async function openScreen(): Promise<MediaStream> {
  const options: DisplayOptions = {
    video: { frameRate: { ideal: 30, max: 30 }, width: { max: 1920 }, height: { max: 1080 } },
    audio: true,
    selfBrowserSurface: 'exclude',
    surfaceSwitching: 'include',
    systemAudio: 'include',
  };
  try {
    return await navigator.mediaDevices.getDisplayMedia(options);
  } catch (e) {
    throw new CaptureError(e, { screen: true });
  }
}

/** Camera and microphone; null when neither is wanted. A remembered device that is not plugged in gives way to the default. */
export async function openDevices({ camera, microphone }: Devices): Promise<MediaStream | null> {
  if (camera === null && microphone === null) return null;
  try {
    return await navigator.mediaDevices.getUserMedia(constraints(camera, microphone));
  } catch (e) {
    const missing = e instanceof Error && (e.name === 'OverconstrainedError' || e.name === 'NotFoundError');
    if (!missing || (!camera && !microphone)) throw new CaptureError(e, requestedDevices(camera, microphone));
  }
  try {
    return await navigator.mediaDevices.getUserMedia(constraints(camera && '', microphone && ''));
  } catch (e) {
    throw new CaptureError(e, requestedDevices(camera, microphone));
  }
}

const requestedDevices = (camera: string | null, microphone: string | null): Asked => ({
  screen: false,
  camera: camera !== null,
  microphone: microphone !== null,
});

function constraints(camera: string | null, microphone: string | null): MediaStreamConstraints {
  const device = (id: string) => (id ? { deviceId: { exact: id } } : {});
  return {
    video:
      camera === null ? false : { ...device(camera), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
    audio: microphone === null ? false : { ...device(microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  };
}

/** What MediaRecorder gets, and the handles of what is behind it. */
export interface Capture {
  stream: MediaStream;
  /** Whether all of a monitor is shared: the page's own preview would be in the picture. */
  monitor: boolean;
  /** width / height of the picture; null without one. */
  aspect: number | null;
  move(layout: Layout): void;
  /** Makes the picture simpler for what follows. `canResize`: whether the kind of file survives a change of its size. */
  limitPicture(limit: PictureLimit, canResize: boolean): void;
  /** "Stop sharing" in the browser's own bar, a camera that is unplugged. */
  onended(f: () => void): void;
  /** Stops the screen and what was made for this recording; camera and microphone stay with their owner. */
  stop(): void;
}

export async function combineStreams(
  mode: Mode,
  screen: MediaStream | null,
  devices: MediaStream | null,
  sound: AudioGraph,
  layout: Layout,
): Promise<Capture> {
  const screenTrack = screen?.getVideoTracks()[0];
  const cameraTrack = wantsCamera(mode) ? devices?.getVideoTracks()[0] : undefined;
  const both: Bubble | null = screenTrack && cameraTrack ? await openBubble(screenTrack, cameraTrack, layout) : null;
  const picture = both?.track ?? screenTrack ?? cameraTrack;
  const audio = sound.mixStreams([devices, screen]);
  const settings = (screenTrack ?? cameraTrack)?.getSettings();
  const ends = screenTrack ?? cameraTrack ?? devices?.getAudioTracks()[0];
  return {
    stream: new MediaStream([picture, audio].filter((t) => !!t)),
    monitor: settings?.displaySurface === 'monitor',
    aspect: settings?.width && settings.height ? settings.width / settings.height : null,
    move: (l) => both?.move(l),
    limitPicture: (limit, canResize) => limitPicture({ ...limit, scale: canResize ? limit.scale : 1 }, both, cameraTrack),
    onended: (f) => ends?.addEventListener('ended', f, { once: true }),
    stop: () => {
      both?.stop();
      audio?.stop();
      for (const t of screen?.getTracks() ?? []) t.stop();
    },
  };
}
