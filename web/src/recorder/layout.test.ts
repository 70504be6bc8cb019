import { describe, expect, it } from 'vitest';
import { clampLayout, contain, corner, layoutKey } from './layout';

const wide = 16 / 9;

describe('the bubble stays inside the picture', () => {
  it.each([[{ x: -1, y: -1, size: 0.3 }], [{ x: 2, y: 2, size: 0.3 }], [{ x: 0.5, y: 0.5, size: 9 }], [{ x: 0.9, y: 0.1, size: 0 }]])(
    '%o',
    (l) => {
      for (const aspect of [wide, 4 / 3, 9 / 16]) {
        const c = clampLayout(l, aspect);
        expect(c.y - c.size / 2).toBeGreaterThanOrEqual(0);
        expect(c.y + c.size / 2).toBeLessThanOrEqual(1);
        expect(c.x - c.size / aspect / 2).toBeGreaterThanOrEqual(0);
        expect(c.x + c.size / aspect / 2).toBeLessThanOrEqual(1);
        expect(c.size).toBeGreaterThan(0.1);
      }
    },
  );
  it('and the corner is a good place already', () => expect(clampLayout(corner, wide)).toEqual(corner));
});

describe('keys', () => {
  it.each<[string, boolean, number, number, number]>([
    ['ArrowLeft', false, -0.02, 0, 0],
    ['ArrowRight', true, 0.1, 0, 0],
    ['ArrowUp', true, 0, -0.1, 0],
    ['ArrowDown', false, 0, 0.02, 0],
    ['+', false, 0, 0, 0.04],
    ['-', true, 0, 0, -0.04],
  ])('%s (shift %s)', (key, shift, dx, dy, ds) => {
    const from = { x: 0.5, y: 0.5, size: 0.3 };
    const to = layoutKey(from, key, shift, wide)!;
    expect([to.x - from.x, to.y - from.y, to.size - from.size].map((n) => Math.round(n * 1000) / 1000)).toEqual([dx, dy, ds]);
  });
  it('others are not ours', () => expect(layoutKey(corner, 'Tab', false, wide)).toBeNull());
});

it.each([
  [1280, 720, 1920, 1080, { x: 0, y: 0, w: 1920, h: 1080 }],
  [800, 800, 1600, 900, { x: 350, y: 0, w: 900, h: 900 }],
  [1600, 400, 800, 600, { x: 0, y: 200, w: 800, h: 200 }],
])('%ix%i in %ix%i keeps its shape', (sw, sh, fw, fh, rect) => expect(contain(sw, sh, fw, fh)).toEqual(rect));
