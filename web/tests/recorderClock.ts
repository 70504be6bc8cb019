import type { Page } from '@playwright/test';
import { longestSilence, soundSeconds } from './decode';
import { downloadOriginal, exposeAudioGraphs } from './faults';
import { expect } from './story';
import { stopRecording } from './steps';

const KEY = 'story.recorded';

interface Clocks {
  wall: number; // s
  graph: number; // s that the audio graph has rendered meanwhile: less on a computer that is too busy for sound
}

/** Counts how long the page's encoder was at work, by clocks that are not the recorder's. To be called before the page is opened. */
export async function watchClock(page: Page): Promise<void> {
  await exposeAudioGraphs(page);
  await page.addInitScript((key) => {
    const now = () => ({
      wall: performance.now() / 1000,
      graph: (globalThis as unknown as { graphs: AudioContext[] }).graphs.at(-1)?.currentTime ?? 0,
    });
    const total = { wall: 0, graph: 0 };
    let since: Clocks | null = null;
    const run = () => void (since ??= now());
    const stand = () => {
      const at = now();
      total.wall += at.wall - (since?.wall ?? at.wall);
      total.graph += at.graph - (since?.graph ?? at.graph);
      since = null;
      sessionStorage.setItem(key, JSON.stringify(total));
    };
    const { start, stop, pause, resume } = MediaRecorder.prototype;
    const after = <A extends unknown[]>(method: (...a: A) => void, then: () => void) =>
      function (this: MediaRecorder, ...a: A) {
        method.apply(this, a);
        then();
      };
    Object.assign(MediaRecorder.prototype, {
      start: after(start, run),
      resume: after(resume, run),
      pause: after(pause, stand),
      stop: after(stop, stand),
    });
  }, KEY);
}

/** Stops the recording and checks that its sound is as long as it was recorded for (±0.3 s, less what the computer never made). Returns the original. */
export async function stopAndMeasure(page: Page, longestQuiet = 3): Promise<Buffer> {
  const original = await downloadOriginal(page, await stopRecording(page));
  const { wall, graph } = JSON.parse((await page.evaluate((key) => sessionStorage.getItem(key), KEY))!) as Clocks;
  const length = soundSeconds(original);
  const known = `sound ${length} s, clock ${wall} s, audio graph ${graph} s`;
  expect(length, known).toBeGreaterThan(Math.min(wall, graph) - 0.3);
  expect(length, known).toBeLessThan(wall + 0.3);
  expect(wall, known).toBeGreaterThan(1);
  expect(longestSilence(original)).toBeLessThan(longestQuiet);
  return original;
}
