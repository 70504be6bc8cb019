import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchTrackEnd } from './trackEnd';

let track: EventTarget & { readyState: string }, leave: AbortController;
const onend = vi.fn();
beforeEach(() => {
  vi.useFakeTimers();
  onend.mockReset();
  leave = new AbortController();
  track = Object.assign(new EventTarget(), { readyState: 'live' });
  watchTrackEnd(track as unknown as MediaStreamTrack, onend, leave.signal);
});
afterEach(() => vi.useRealTimers());

it('a track that lives has not ended', () => {
  vi.advanceTimersByTime(5000);
  expect(onend).not.toHaveBeenCalled();
});

it('hears the event at once, and only once', () => {
  track.readyState = 'ended';
  track.dispatchEvent(new Event('ended'));
  expect(onend).toHaveBeenCalledOnce();
  track.dispatchEvent(new Event('ended'));
  vi.advanceTimersByTime(5000);
  expect(onend).toHaveBeenCalledOnce();
});

it('notices within a second where there is no event', () => {
  track.readyState = 'ended';
  vi.advanceTimersByTime(1000);
  expect(onend).toHaveBeenCalledOnce();
});

it('hears nothing any more of a track that the page itself let go', () => {
  leave.abort();
  track.readyState = 'ended';
  track.dispatchEvent(new Event('ended'));
  vi.advanceTimersByTime(5000);
  expect(onend).not.toHaveBeenCalled();
});
