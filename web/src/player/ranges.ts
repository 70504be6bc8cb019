import type { Span } from './timeline';

/** The ranges of a media element as spans, seconds. */
export function toSpans(ranges: TimeRanges): Span[] {
  return Array.from({ length: ranges.length }, (_, i) => ({ start: ranges.start(i), end: ranges.end(i) }));
}

/** A recording without a length in its head says Infinity; then what can be sought in is what there is. */
export function reachableEnd(media: HTMLMediaElement): number | undefined {
  if (Number.isFinite(media.duration)) return media.duration;
  return media.seekable.length > 0 ? media.seekable.end(media.seekable.length - 1) : undefined;
}
