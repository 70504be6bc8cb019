import { contain, type Layout } from './layout';

/** The part of a 2D context that is used; a page's canvas and a worker's OffscreenCanvas both have it. */
export type Pen = Pick<
  OffscreenCanvasRenderingContext2D,
  'save' | 'restore' | 'beginPath' | 'arc' | 'clip' | 'stroke' | 'fillRect' | 'drawImage' | 'lineWidth' | 'strokeStyle' | 'fillStyle'
>;

export interface Picture {
  image: CanvasImageSource;
  width: number;
  height: number;
}

/** Draws the screen, and the camera as a round bubble on it. The same code draws on the page and in the worker. */
export function compose(
  pen: Pen,
  frame: { width: number; height: number },
  screen: Picture | null,
  camera: Picture | null,
  layout: Layout,
) {
  drawScreen(pen, frame, screen);
  if (!camera) return;
  const d = layout.size * frame.height;
  const x = layout.x * frame.width;
  const y = layout.y * frame.height;
  const side = Math.min(camera.width, camera.height);
  const circle = () => {
    pen.beginPath();
    pen.arc(x, y, d / 2, 0, 2 * Math.PI);
  };
  pen.save();
  circle();
  pen.clip();
  pen.drawImage(camera.image, (camera.width - side) / 2, (camera.height - side) / 2, side, side, x - d / 2, y - d / 2, d, d);
  pen.restore();
  pen.lineWidth = Math.max(2, d * 0.018);
  pen.strokeStyle = '#fff';
  circle();
  pen.stroke();
}

function drawScreen(pen: Pen, frame: { width: number; height: number }, screen: Picture | null) {
  const to = screen && contain(screen.width, screen.height, frame.width, frame.height);
  if (!to || to.w < frame.width || to.h < frame.height) {
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, frame.width, frame.height);
  }
  if (to) pen.drawImage(screen.image, to.x, to.y, to.w, to.h);
}
