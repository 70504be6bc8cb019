/**
 * Puts screen and camera into one picture, driven by the frames themselves: no timer and no requestAnimationFrame,
 * so a hidden tab changes nothing. A screen on which nothing moves sends no frames; the camera's drive it then.
 */
import { compose, type Picture } from './composite';
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
export type ToComposite =
  | Start
  | { type: 'layout'; layout: Layout }
  | { type: 'camera'; camera: ReadableStream<VideoFrame> }
  | { type: 'limit'; limit: { frameRate: number; width: number; height: number } };

/** Whether the camera gives no pictures although it is open. */
export interface FromComposite {
  isStill: boolean;
}

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
  #cameras = 0; // how many there were
  #last = 0; // timestamp of the last frame, µs
  #frames = new FrameWatch((isStill) => self.postMessage({ isStill } satisfies FromComposite));
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
    const camera = ++this.#cameras;
    this.#frames.reset();
    void each(frames, (f) => {
      if (camera !== this.#cameras) return f.close(); // of the one before
      this.#camera?.close(); // only the newest: holding more starves the camera's pool
      this.#camera = f;
      this.#cameraAt = performance.now();
      this.#frames.addFrame();
      this.#draw();
    });
  }

  #repeatPicture() {
    this.#frames.look();
    if (performance.now() - this.#cameraAt > REPEAT) this.#draw(true);
  }

  /** Its last picture stays when it ends: sound that was said until then is still on its way to the encoder. */
  #followScreen(frames: ReadableStream<VideoFrame>) {
    void each(frames, (f) => {
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

  #draw(repeats = false) {
    if ((this.#out.desiredSize ?? 0) <= 0) return; // the encoder is behind: drop, never queue
    if (performance.now() * 1000 - this.#last < this.#gap) return;
    // The two sources count from different starts; this clock is one and only goes forward.
    this.#last = Math.max(this.#last + 1, Math.round(performance.now() * 1000));
    const frame = this.#composeFrame({ timestamp: this.#last }, repeats);
    if (frame) void this.#out.write(frame).catch(() => frame.close());
  }

  #composeFrame(at: { timestamp: number }, repeats: boolean): VideoFrame | null {
    const whole = this.#isWhole ? this.#camera : this.#screen;
    if (this.#isWhole && !whole && performance.now() - this.#startedAt < FIRST_PICTURE) return null;
    if (this.#resizes && whole) this.#setSize(whole.displayWidth, whole.displayHeight);
    if (this.#isWhole && whole) {
      // Another camera may have another shape; the encoder keeps the first one's. A frame made from another keeps the time at
      // which that was taken, and Chromium's recorder drops one that is taken before a drawn one: after one, all are drawn.
      const fits = whole.displayWidth === this.#canvas.width && whole.displayHeight === this.#canvas.height;
      this.#isDrawn ||= repeats || !fits;
      if (!this.#isDrawn) return new VideoFrame(whole, at);
    } else this.#isDrawn = true;
    compose(this.#pen, this.#canvas, picture(whole), this.#isWhole ? null : picture(this.#camera), this.layout);
    return new VideoFrame(this.#canvas, at);
  }
}

const picture = (f: VideoFrame | null): Picture | null => f && { image: f, width: f.displayWidth, height: f.displayHeight };

/** Hands each frame of a track on, until it ends. One that cannot be used is left out: the next may be good. */
async function each(frames: ReadableStream<VideoFrame>, use: (f: VideoFrame) => void) {
  const reader = frames.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    try {
      use(value);
    } catch (e) {
      console.warn('tidings: a picture was left out', e);
    }
  }
}

let compositor: Compositor | undefined;

self.onmessage = ({ data: m }: MessageEvent<ToComposite>) => {
  if (m.type === 'start') compositor = new Compositor(m);
  else if (m.type === 'limit') compositor?.limit(m.limit);
  else if (m.type === 'camera') compositor?.followCamera(m.camera);
  else if (compositor) compositor.layout = m.layout;
};
