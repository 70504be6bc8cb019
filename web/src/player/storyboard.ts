/** One picture of the storyboard: its time and its position in the sheet (pixels). */
export interface Tile {
  start: number;
  end: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

const parseCue =
  /(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})[^\n]*\n[^\n#]*#xywh=(\d+),(\d+),(\d+),(\d+)/g;

const parseTimestamp = (h: string | undefined, m?: string, s?: string, ms?: string) =>
  Number(h ?? 0) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;

/** Reads storyboard.vtt: WebVTT cues whose text is `file#xywh=x,y,w,h` (W3C Media Fragments). Anything else is skipped. */
export function parseStoryboard(vtt: string): Tile[] {
  return [...vtt.replace(/\r\n?/g, '\n').matchAll(parseCue)].map((m) => ({
    start: parseTimestamp(m[1], m[2], m[3], m[4]),
    end: parseTimestamp(m[5], m[6], m[7], m[8]),
    x: Number(m[9]),
    y: Number(m[10]),
    w: Number(m[11]),
    h: Number(m[12]),
  }));
}

/** The picture for a moment: the last one taken by then, for cues come in time order. */
export function tileAt(tiles: readonly Tile[], t: number): Tile | undefined {
  return tiles.findLast((tile) => tile.start <= t) ?? tiles[0];
}
