/** Where the camera bubble lies on the picture: its centre and its diameter as fractions of width, height and height. */
export interface Layout {
  x: number;
  y: number;
  size: number;
}

export const corner: Layout = { x: 0.87, y: 0.79, size: 0.32 };

const smallest = 0.14;
const largest = 0.8;
const margin = 0.02; // of the height, between bubble and edge

/** The layout that is wanted, moved back into a picture of this aspect ratio (width / height). */
export function clampLayout(l: Layout, aspect: number): Layout {
  const size = clamp(l.size, smallest, Math.min(largest, aspect * largest));
  const ry = size / 2 + margin;
  const rx = ry / aspect;
  return { size, x: clamp(l.x, rx, 1 - rx), y: clamp(l.y, ry, 1 - ry) };
}

const steps: Record<string, [dx: number, dy: number, dsize: number]> = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, -1, 0],
  ArrowDown: [0, 1, 0],
  '+': [0, 0, 1],
  '=': [0, 0, 1],
  '-': [0, 0, -1],
};

/** What a key does to the layout: arrows move by 2 % (10 % with Shift), + and - change the size. null: another key. */
export function layoutKey(l: Layout, key: string, shift: boolean, aspect: number): Layout | null {
  const step = steps[key];
  if (!step) return null;
  const by = shift && step[2] === 0 ? 0.1 : 0.02;
  return clampLayout({ x: l.x + step[0] * by, y: l.y + step[1] * by, size: l.size + step[2] * 0.04 }, aspect);
}

const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), Math.max(low, high));

/** The largest rectangle of the source's shape inside the frame, in the middle of it: a window that is resized is never stretched. */
export function contain(sw: number, sh: number, fw: number, fh: number): { x: number; y: number; w: number; h: number } {
  const scale = Math.min(fw / sw, fh / sh);
  const w = Math.round(sw * scale);
  const h = Math.round(sh * scale);
  return { x: (fw - w) / 2, y: (fh - h) / 2, w, h };
}
