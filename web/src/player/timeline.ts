/**
 * The arithmetic of the seek bar, apart from its view. Times are seconds of the clip; a span is the part
 * of the clip that may be watched (a share link may show less than all of it).
 */
export interface Span {
  start: number;
  end: number;
}

/** A comment on the seek bar. */
export interface Marker {
  id: string;
  at: number;
  /** The end of the range it is about. */
  until?: number;
  name: string;
  /** Whose colour it has; the name's without it. */
  author?: string;
  /** The first words, shown when pointed at. */
  text?: string;
}

/** An emoji on the seek bar. */
export interface ReactionMark {
  at: number;
  emoji: string;
}

/** The emoji inside the span, one for each place a width of `gap` pixels holds: the first given there. */
export function visibleReactions(all: readonly ReactionMark[], span: Span, width: number, gap = 18): ReactionMark[] {
  const near = width > 0 ? (gap / width) * (span.end - span.start) : Infinity;
  const out: ReactionMark[] = [];
  for (const c of [...all].sort((a, b) => a.at - b.at)) {
    const last = out.at(-1);
    if (c.at >= span.start && c.at <= span.end && (!last || c.at - last.at > near)) out.push(c);
  }
  return out;
}

/** Markers too near each other to be told apart, shown as one. */
export interface Cluster {
  at: number;
  markers: Marker[];
}

/** `t` held within the span; what is no number counts as its start. */
export function clampToSpan(t: number, span: Span): number {
  if (Number.isNaN(t)) return span.start;
  return Math.min(Math.max(t, span.start), Math.max(span.start, span.end));
}

/** How far `t` is through the span, 0 to 1. An empty span is not begun. */
export function fraction(t: number, span: Span): number {
  const length = span.end - span.start;
  return length > 0 ? (clampToSpan(t, span) - span.start) / length : 0;
}

/** A CSS position for `t`. */
export const cssPosition = (t: number, span: Span): string => `${(100 * fraction(t, span)).toFixed(3)}%`;

/** The time under a pointer at `x` over a bar that begins at `left` and is `width` pixels wide. */
export function timeAt(x: number, left: number, width: number, span: Span): number {
  if (width <= 0) return span.start;
  return clampToSpan(span.start + ((x - left) / width) * (span.end - span.start), span);
}

/** The end of the buffered range that contains `t`; `t` itself when nothing is buffered there. */
export function loadedUntil(ranges: readonly Span[], t: number, slack = 0.3): number {
  const here = ranges.find((r) => r.start - slack <= t && t <= r.end + slack);
  return here ? Math.max(here.end, t) : t;
}

/** Markers inside the span in time order, joined while nearer than `gap` pixels to the last one of a cluster. */
export function clusterMarkers(markers: readonly Marker[], span: Span, width: number, gap = 24): Cluster[] {
  const inside = markers.filter((m) => m.at >= span.start && m.at <= span.end).sort((a, b) => a.at - b.at);
  const near = width > 0 ? (gap / width) * (span.end - span.start) : 0;
  const out: Cluster[] = [];
  for (const m of inside) {
    const last = out.at(-1);
    if (last && m.at - last.at <= near) last.markers.push(m);
    else out.push({ at: m.at, markers: [m] });
  }
  return out;
}

/** What a screen reader says of a cluster. */
export function clusterLabel(c: Cluster, time: string): string {
  const names = [...new Set(c.markers.map((m) => m.name))];
  const who = names.length > 2 ? `${names.slice(0, 2).join(', ')} and others` : names.join(' and ');
  return c.markers.length === 1 ? `Comment by ${who} at ${time}` : `${c.markers.length} comments by ${who} at ${time}`;
}

/** Merges spans that overlap or nearly touch; at most `limit` of them, the shortest are dropped. */
export function mergeSpans(spans: readonly Span[], slack = 0.5, limit = Infinity): Span[] {
  const sorted = spans.filter((s) => s.end > s.start).sort((a, b) => a.start - b.start);
  const out: Span[] = [];
  for (const s of sorted) {
    const last = out.at(-1);
    if (last && s.start <= last.end + slack) last.end = Math.max(last.end, s.end);
    else out.push({ ...s });
  }
  if (out.length <= limit) return out;
  const longest = [...out].sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, limit);
  return longest.sort((a, b) => a.start - b.start);
}
