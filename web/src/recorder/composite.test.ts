import { expect, it } from 'vitest';
import { compose, type Pen } from './composite';

/** Writes down what is drawn. */
function pen() {
  const calls: string[] = [];
  const say =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push(`${name} ${args.map((a) => (typeof a === 'number' ? Math.round(a) : a)).join(',')}`);
  const p = {
    save: say('save'),
    restore: say('restore'),
    beginPath: say('begin'),
    arc: say('arc'),
    clip: say('clip'),
    stroke: say('stroke'),
    fillRect: say('fill'),
    drawImage: say('image'),
  };
  return { calls, pen: p as unknown as Pen };
}

const frame = { width: 1920, height: 1080 };
const layout = { x: 0.5, y: 0.5, size: 0.5 };
const screen = { image: 'screen' as unknown as CanvasImageSource, width: 1920, height: 1080 };
const camera = { image: 'camera' as unknown as CanvasImageSource, width: 1280, height: 720 };

it('draws the middle square of the camera into a circle on the screen', () => {
  const p = pen();
  compose(p.pen, frame, screen, camera, layout);
  expect(p.calls).toEqual([
    'image screen,0,0,1920,1080',
    'save ',
    'begin ',
    'arc 960,540,270,0,6',
    'clip ',
    'image camera,280,0,720,720,690,270,540,540',
    'restore ',
    'begin ',
    'arc 960,540,270,0,6',
    'stroke ',
  ]);
});

it('keeps the shape of a window that was resized, on black', () => {
  const p = pen();
  compose(p.pen, frame, { ...screen, width: 1000, height: 1000 }, null, layout);
  expect(p.calls).toEqual(['fill 0,0,1920,1080', 'image screen,420,0,1080,1080']);
});

it('shows black until the screen has a first picture', () => {
  const p = pen();
  compose(p.pen, frame, null, null, layout);
  expect(p.calls).toEqual(['fill 0,0,1920,1080']);
});
