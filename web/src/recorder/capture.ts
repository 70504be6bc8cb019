/** Combines the chosen devices into the stream that is recorded: at most one video and one audio track. */
import { openBubble, openWholeCamera, openWholeScreen, type Bubble } from './bubble';
import type { DeviceKind } from './devices';
import type { Layout } from './layout';
import type { Meta } from './meta';
import { rememberedRefusal } from './permissions';
import type { Asked } from './problem';
import { limitPicture, type PictureLimit } from './pictureLimit';
import type { AudioGraph } from './sound';
import { watchTrackEnd } from './trackEnd';

export type Mode = Meta['kind'];

/** Device ids; '' is the browser's default, null is none. */
export interface Devices {
  camera: string | null;
  microphone: string | null;
}

export const wantsScreen = (m: Mode) => m === 'screen' || m === 'screen_camera';
/** What is recorded when these devices are done without, or null when nothing is left. */
export function modeWithout(m: Mode, without: DeviceKind[]): Mode | null {
  if (without.includes('microphone') && (m === 'voice' || (m === 'camera' && without.includes('camera')))) return null;
  if (!without.includes('camera') || !wantsCamera(m)) return m;
  return m === 'camera' ? 'voice' : 'screen';
}
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
    if (!missing || (!camera && !microphone)) throw await explainFailure(e, camera, microphone);
  }
  try {
    return await navigator.mediaDevices.getUserMedia(constraints(camera && '', microphone && ''));
  } catch (e) {
    throw await explainFailure(e, camera && '', microphone && '');
  }
}

/** Says which one is missing where two were asked for: the browser names neither. */
async function explainFailure(e: unknown, camera: string | null, microphone: string | null): Promise<CaptureError> {
  if (camera === null || microphone === null) return new CaptureError(e, requestedDevices(camera, microphone));
  const denied = e instanceof Error && e.name === 'NotAllowedError';
  const [noCamera, noMicrophone] = denied
    ? await Promise.all([rememberedRefusal('camera'), rememberedRefusal('microphone')])
    : [await failureOf('camera', camera), await failureOf('microphone', microphone)];
  if (!noCamera === !noMicrophone) return new CaptureError(e, requestedDevices(camera, microphone));
  return noCamera
    ? new CaptureError(noCamera, requestedDevices(camera, null))
    : new CaptureError(noMicrophone, requestedDevices(null, microphone));
}

/** Why a device cannot be opened, or null when it can. */
async function failureOf(kind: DeviceKind, id: string): Promise<unknown> {
  try {
    (await openTrack(kind, id)).stop();
    return null;
  } catch (e) {
    return e instanceof CaptureError ? e.reason : e;
  }
}

/** One device, for what is recorded already; '' is the browser's default. */
export async function openTrack(kind: DeviceKind, id: string): Promise<MediaStreamTrack> {
  const camera = kind === 'camera' ? id : null;
  const microphone = kind === 'microphone' ? id : null;
  try {
    return (await navigator.mediaDevices.getUserMedia(constraints(camera, microphone))).getTracks()[0]!;
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
  /** Whether all of a monitor is shared now: the page's own preview would be in the picture. People switch surfaces while they share. */
  sharesMonitor(): boolean;
  /** width / height of the picture; null without one. */
  aspect: number | null;
  move(layout: Layout): void;
  /** Makes the picture simpler for what follows. `canResize`: whether the kind of file survives a change of its size. */
  limitPicture(limit: PictureLimit, canResize: boolean): void;
  setCamera(camera: MediaStreamTrack): void;
  /** No picture comes of a camera that is open, or one comes again. */
  onstill(f: (isStill: boolean) => void): void;
  /** The devices whose own tracks are recorded: no other can take their place. */
  fixed: DeviceKind[];
  /** The clock (s) of the audio graph that the sound comes through; null where it comes without one. */
  graphTime(): number | null;
  /** "Stop sharing" in the browser's own bar. Microphones and cameras end no recording. */
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
  const drawn = cameraTrack ? await openCameraPicture(screenTrack, cameraTrack, layout) : null;
  const repeated = screenTrack && !cameraTrack ? openWholeScreen(screenTrack) : null;
  const picture = (drawn ?? repeated)?.track ?? screenTrack ?? cameraTrack;
  const audio = await chooseSound(devices?.getAudioTracks()[0], screen, sound);
  const settings = (screenTrack ?? cameraTrack)?.getSettings();
  const ended = new AbortController();
  return {
    stream: new MediaStream([picture, audio.track].filter((t) => !!t)),
    sharesMonitor: () => isMonitor(screenTrack),
    aspect: settings?.width && settings.height ? settings.width / settings.height : null,
    fixed: [!drawn && ('camera' as const), audio.isOwn && ('microphone' as const)].filter((k) => !!k),
    move: (l) => drawn?.move(l),
    limitPicture: (limit, canResize) => limitPicture({ ...limit, scale: canResize ? limit.scale : 1 }, drawn, cameraTrack),
    setCamera: (camera) => drawn?.setCamera(camera),
    onstill: (f) => {
      if (drawn) drawn.onstill = f;
    },
    graphTime: () => (audio.isOwn ? null : sound.time),
    onended: (f) => screenTrack && watchTrackEnd(screenTrack, f, ended.signal),
    stop: () => {
      ended.abort();
      drawn?.stop();
      repeated?.stop();
      sound.endMixes();
      for (const t of screen?.getTracks() ?? []) t.stop();
    },
  };
}

const openCameraPicture = (
  screen: MediaStreamTrack | undefined,
  camera: MediaStreamTrack,
  layout: Layout,
): Promise<Bubble> | Bubble | null => (screen ? openBubble(screen, camera, layout) : openWholeCamera(camera));

/** Whether a whole monitor is shared, as far as is known: Firefox does not say, and may show this page in its own preview. */
export function isMonitor(screen: MediaStreamTrack | undefined): boolean {
  const surface = screen?.getSettings().displaySurface;
  return screen !== undefined && surface !== 'window' && surface !== 'browser';
}

/**
 * The sound that is recorded. The microphone goes through the graph while that runs, so that another one can take its
 * place; its own track is recorded where the graph stands still. Sound of the screen alone needs no graph.
 */
async function chooseSound(
  microphone: MediaStreamTrack | undefined,
  screen: MediaStream | null,
  sound: AudioGraph,
): Promise<{ track?: MediaStreamTrack; isOwn: boolean }> {
  if (!microphone) return { track: screen?.getAudioTracks()[0], isOwn: true };
  if (await sound.isRunning()) return { track: sound.mixWith(screen), isOwn: false };
  return { track: microphone, isOwn: true };
}
