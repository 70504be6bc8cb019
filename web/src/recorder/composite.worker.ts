/**
 * Puts screen and camera into one picture, driven by the frames themselves: no timer and no requestAnimationFrame,
 * so a hidden tab changes nothing. A screen on which nothing moves sends no frames; the camera's drive it then.
 */
import { compose, type Picture } from './composite';
import { FrameSource, type SourceRequest } from './frameSource';
import { FrameWatch } from './frameWatch';
import type { Layout } from './layout';

export interface Start {
  type: 'start';
  screen: ReadableStream<VideoFrame> | null; // null: the camera, or a screen in its place, is the whole picture
  camera: ReadableStream<VideoFrame>;
  out: WritableStream<VideoFrame>;
  width: number;
  height: number;
  /** Whether what is recorded follows the size of its source: a window that is resized. */
  resizes: boolean;
  layout: Layout;
}
/** Where pictures come from; the whole picture without a camera, too, is that of the `camera`. */
export type SourceName = 'screen' | 'camera';

export type ToComposite =
  | Start
  | { type: 'layout'; layout: Layout }
  | { type: 'camera'; camera: ReadableStream<VideoFrame> }
  | { type: 'copy'; of: SourceName; frame: VideoFrame | null }
  | { type: 'limit'; limit: { frameRate: number; width: number; height: number } };

/** Whether the camera gives no pictures although it is open; what a source asks of the page. */
export type FromComposite = { type: 'still'; isStill: boolean } | { type: SourceRequest; of: SourceName };

const say = (m: FromComposite) => self.postMessage(m);

/** Below this distance (ms) the camera is taken to be running and screen frames wait for its next one. */
const CAMERA_ALIVE = 60;
/** How often (ms) the last picture of a camera that is gone, or of a still screen, is repeated, so that the encoder goes on. */
const REPEAT = 200;
/** A camera without a picture for so long (ms) is recorded as black: the encoder would keep the sound back, too. */
const FIRST_PICTURE = 1000;

class Compositor {
  layout: Layout;
  #gap = 0; // µs between two pictures at least
  #canvas: OffscreenCanvas;
  #pen: OffscreenCanvasRenderingContext2D;
  #out: WritableStreamDefaultWriter<VideoFrame>;
  #isWhole: boolean;
  #resizes: boolean;
  #screen: VideoFrame | null = null;
  #camera: VideoFrame | null = null; // stays when the camera goes: its last picture
  #cameraAt = 0;
  #startedAt = performance.now();
  #last = 0; // timestamp of the last frame, µs
  #frames = new FrameWatch((isStill) => say({ type: 'still', isStill }));
  #sources: Partial<Record<SourceName, FrameSource>> = {};
  #isDrawn = false; // a picture was drawn; from then on all are

  constructor(m: Start) {
    this.layout = m.layout;
    this.#isWhole = m.screen === null;
    this.#resizes = m.resizes;
    this.#canvas = new OffscreenCanvas(m.width, m.height);
    this.#pen = this.#canvas.getContext('2d', { alpha: false, desynchronized: true })!;
    this.#out = m.out.getWriter();
    setInterval(() => this.#repeatPicture(), REPEAT);
    if (m.screen) this.#followScreen(m.screen);
    this.followCamera(m.camera);
  }

  /** Takes the pictures of this camera from now on. */
  followCamera(frames: ReadableStream<VideoFrame>) {
    this.#frames.reset();
    this.#follow('camera', frames, (f, isCopy) => {
      this.#camera?.close(); // only the newest: holding more starves the camera's pool
      this.#camera = f;
      this.#cameraAt = performance.now();
      this.#frames.addFrame();
      this.#draw(isCopy);
    });
  }

  /** What the page answers to a source that has asked for a copy. */
  addCopy(of: SourceName, frame: VideoFrame | null) {
    const source = this.#sources[of];
    if (source) source.addCopy(frame);
    else frame?.close();
  }

  #follow(of: SourceName, frames: ReadableStream<VideoFrame>, use: (frame: VideoFrame, isCopy: boolean) => void) {
    this.#sources[of]?.close();
    this.#sources[of] = new FrameSource(frames, use, (type) => say({ type, of }));
  }

  #repeatPicture() {
    this.#frames.look();
    if (performance.now() - this.#cameraAt > REPEAT) this.#draw(true);
  }

  /** Its last picture stays when it ends: sound that was said until then is still on its way to the encoder. */
  #followScreen(frames: ReadableStream<VideoFrame>) {
    this.#follow('screen', frames, (f) => {
      this.#screen?.close();
      this.#screen = f;
      if (performance.now() - this.#cameraAt > CAMERA_ALIVE) this.#draw();
    });
  }

  /** The computer cannot keep up: fewer pictures, or smaller ones, from here on. */
  limit({ frameRate, width, height }: { frameRate: number; width: number; height: number }) {
    this.#gap = (1e6 / frameRate) * 0.9; // the camera's own rhythm is not exact
    this.#setSize(width, height);
  }

  #setSize(width: number, height: number) {
    if (width !== this.#canvas.width || height !== this.#canvas.height) Object.assign(this.#canvas, { width, height });
  }

  #draw(isLate = false) {
    if ((this.#out.desiredSize ?? 0) <= 0) return; // the encoder is behind: drop, never queue
    if (performance.now() * 1000 - this.#last < this.#gap) return;
    // The two sources count from different starts; this clock is one and only goes forward.
    this.#last = Math.max(this.#last + 1, Math.round(performance.now() * 1000));
    const frame = this.#composeFrame({ timestamp: this.#last }, isLate);
    if (frame) void this.#out.write(frame).catch(() => frame.close());
  }

  #composeFrame(at: { timestamp: number }, isLate: boolean): VideoFrame | null {
    const whole = this.#isWhole ? this.#camera : this.#screen;
    if (this.#isWhole && !whole && performance.now() - this.#startedAt < FIRST_PICTURE) return null;
    if (this.#resizes && whole) this.#setSize(whole.displayWidth, whole.displayHeight);
    if (this.#isWhole && whole) {
      // Another camera may have another shape; the encoder keeps the first one's. A frame made from another keeps the time at
      // which that was taken, and Chromium's recorder drops one that is taken before a drawn one: after one, all are drawn.
      const fits = whole.displayWidth === this.#canvas.width && whole.displayHeight === this.#canvas.height;
      this.#isDrawn ||= isLate || !fits;
      if (!this.#isDrawn) return new VideoFrame(whole, at);
    } else this.#isDrawn = true;
    compose(this.#pen, this.#canvas, picture(whole), this.#isWhole ? null : picture(this.#camera), this.layout);
    return new VideoFrame(this.#canvas, at);
  }
}

const picture = (f: VideoFrame | null): Picture | null => f && { image: f, width: f.displayWidth, height: f.displayHeight };

let compositor: Compositor | undefined;

self.onmessage = ({ data: m }: MessageEvent<ToComposite>) => {
  if (m.type === 'start') compositor = new Compositor(m);
  else if (m.type === 'limit') compositor?.limit(m.limit);
  else if (m.type === 'camera') compositor?.followCamera(m.camera);
  else if (m.type === 'copy') compositor?.addCopy(m.of, m.frame);
  else if (compositor) compositor.layout = m.layout;
};
