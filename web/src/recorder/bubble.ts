/** Screen and camera, or the camera alone, as one video track: the bubble can be moved and the camera changed while it runs. */
import { compose } from './composite';
import type { FromComposite, SourceName, ToComposite } from './composite.worker';
import { corner, type Layout } from './layout';
import { PictureCopies, playTrack } from './pictureCopies';
import type { PictureLimit } from './pictureLimit';
import { takeWorker } from './preload';

export interface Bubble {
  track: MediaStreamTrack;
  move(layout: Layout): void;
  limitPicture(limit: PictureLimit): void;
  /** Goes on with another camera. Until then the last picture of the one before stays. */
  setCamera(camera: MediaStreamTrack): void;
  /** Called when no picture comes of a camera that is open, and when one comes again; where the browser draws, never. */
  onstill?: (isStill: boolean) => void;
  stop(): void;
}

interface Processor {
  readable: ReadableStream<VideoFrame>;
}
/** Chromium's halves of "mediacapture-transform"; the DOM library of TypeScript does not have them. */
interface Breakout {
  MediaStreamTrackProcessor?: new (o: { track: MediaStreamTrack; maxBufferSize?: number }) => Processor;
  MediaStreamTrackGenerator?: new (o: { kind: 'video' }) => MediaStreamTrack & { writable: WritableStream<VideoFrame> };
}

/** Whether the browser gives a page its frames: then a worker makes the picture, and repeats the last one. */
export const givesFrames = () => 'MediaStreamTrackProcessor' in globalThis && 'MediaStreamTrackGenerator' in globalThis;

export function openBubble(screen: MediaStreamTrack, camera: MediaStreamTrack, layout: Layout): Promise<Bubble> {
  const { MediaStreamTrackProcessor: Processor, MediaStreamTrackGenerator: Generator } = globalThis as unknown as Breakout;
  return Processor && Generator ? Promise.resolve(byFrames(screen, camera, layout, Processor, Generator)) : byClock(screen, camera, layout);
}

/** The camera as the whole picture; null where the browser would have to draw each frame for it: its own track is recorded. */
export function openWholeCamera(camera: MediaStreamTrack): Bubble | null {
  const { MediaStreamTrackProcessor: Processor, MediaStreamTrackGenerator: Generator } = globalThis as unknown as Breakout;
  return Processor && Generator ? byFrames(null, camera, corner, Processor, Generator) : null;
}

/**
 * A screen as the whole picture, whose last picture is repeated while nothing moves: encoders give nothing otherwise, and MP4
 * keeps the sound back with it. Null where its own track is recorded: Firefox repeats pictures itself.
 */
export function openWholeScreen(screen: MediaStreamTrack): Bubble | null {
  const { MediaStreamTrackProcessor: Processor, MediaStreamTrackGenerator: Generator } = globalThis as unknown as Breakout;
  return Processor && Generator ? byFrames(null, screen, corner, Processor, Generator, true) : null;
}

/** H.264 wants even sizes. */
const evenSize = (n: number) => Math.max(2, Math.round(n) & ~1);

/** Chromium: frames go to a worker and back as a track, so a hidden tab keeps its full rate. */
function byFrames(
  screen: MediaStreamTrack | null,
  camera: MediaStreamTrack,
  layout: Layout,
  Processor: NonNullable<Breakout['MediaStreamTrackProcessor']>,
  Generator: NonNullable<Breakout['MediaStreamTrackGenerator']>,
  resizes = false,
): Bubble {
  const track = new Generator({ kind: 'video' });
  const out = track.writable;
  const framesOf = (t: MediaStreamTrack) => new Processor({ track: t, maxBufferSize: 2 }).readable;
  const s = screen && framesOf(screen);
  const c = framesOf(camera);
  const { width = 1280, height = 720 } = (screen ?? camera).getSettings();
  const worker = takeWorker('composite');
  const say = (m: ToComposite, transfer: Transferable[] = []) => worker.postMessage(m, transfer);
  const size = { width: evenSize(width), height: evenSize(height) };
  say({ type: 'start', screen: s, camera: c, out, ...size, resizes, layout }, [...(s ? [s] : []), c, out]);
  const copies = { screen: screen && new PictureCopies(screen), camera: new PictureCopies(camera) };
  const sendCopy = (of: SourceName) => {
    const frame = copies[of]?.take() ?? null;
    say({ type: 'copy', of, frame }, frame ? [frame] : []);
  };
  const bubble: Bubble = {
    track,
    move: (l) => say({ type: 'layout', layout: l }),
    limitPicture: (limit) =>
      say({ type: 'limit', limit: { ...limit, width: evenSize(width * limit.scale), height: evenSize(height * limit.scale) } }),
    setCamera: (camera) => {
      copies.camera.end();
      copies.camera = new PictureCopies(camera);
      const frames = framesOf(camera);
      say({ type: 'camera', camera: frames }, [frames]);
    },
    stop: () => {
      worker.terminate();
      track.stop();
      for (const c of Object.values(copies)) c?.end();
    },
  };
  worker.onmessage = ({ data: m }: MessageEvent<FromComposite>) => {
    if (m.type === 'still') bubble.onstill?.(m.isStill);
    else if (m.type === 'copy') sendCopy(m.of);
    else copies[m.of]?.end();
  };
  return bubble;
}

/** Firefox, Safari: a worker's clock ticks, the page draws. */
async function byClock(screen: MediaStreamTrack, camera: MediaStreamTrack, layout: Layout): Promise<Bubble> {
  const [s, first] = await Promise.all([playing(screen), playing(camera)]);
  let c = first;
  const canvas = Object.assign(document.createElement('canvas'), { width: evenSize(s.videoWidth), height: evenSize(s.videoHeight) });
  const pen = canvas.getContext('2d', { alpha: false })!;
  const picture = (v: HTMLVideoElement) => ({ image: v, width: v.videoWidth, height: v.videoHeight });
  const clock = takeWorker('tick');
  let every = 1; // ticks for one picture
  let ticks = 0;
  clock.onmessage = () => {
    if (ticks++ % every === 0) compose(pen, canvas, picture(s), picture(c), layout);
  };
  const track = canvas.captureStream(30).getVideoTracks()[0]!;
  return {
    track,
    move: (l) => (layout = l),
    limitPicture: ({ frameRate, scale }) => {
      every = Math.max(1, Math.round(30 / frameRate));
      if (scale < 1) Object.assign(canvas, { width: evenSize(s.videoWidth * scale), height: evenSize(s.videoHeight * scale) });
    },
    setCamera: (camera) => void playing(camera).then((video) => (c = video)),
    stop: () => {
      clock.terminate();
      track.stop();
    },
  };
}

async function playing(track: MediaStreamTrack): Promise<HTMLVideoElement> {
  const video = playTrack(track);
  await video.play();
  return video;
}
