import { vi } from 'vitest';
import type { Playback } from './playback.svelte';

/** An element as browsers have it, as far as Playback asks: happy-dom plays nothing. */
export class FakeMedia extends EventTarget {
  currentTime = 0;
  duration = NaN;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 0;
  volume = 1;
  muted = false;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  ranges: [number, number][] = [];
  get buffered() {
    return { length: this.ranges.length, start: (i: number) => this.ranges[i]![0], end: (i: number) => this.ranges[i]![1] };
  }
  get seekable() {
    return this.buffered;
  }
  play = vi.fn(async () => {
    this.paused = false;
    this.tell('play');
  });
  pause = vi.fn(() => {
    this.paused = true;
    this.tell('pause');
  });
  tell(name: string) {
    this.dispatchEvent(new Event(name));
  }
  ready(duration: number) {
    this.readyState = 4;
    this.duration = duration;
    this.tell('loadedmetadata');
  }
}
export const attach = (p: Playback, m = new FakeMedia()) => ({ m, detach: p.attach(m as unknown as HTMLMediaElement) });
