import type { Page } from '@playwright/test';
import { longestSilence, soundSeconds } from './decode';
import { downloadOriginal, exposeAudioGraphs } from './faults';
import { expect } from './story';
import { stopRecording } from './steps';

const KEY = 'story.recorded';

interface Clocks {
  wall: number; // s
  graph: number; // s that the audio graph has rendered meanwhile: less on a computer that is too busy for sound
  cuts: number; // how often it was stopped or paused
}

/** Counts how long the page's encoder was at work, by clocks that are not the recorder's. To be called before the page is opened. */
export async function watchClock(page: Page): Promise<void> {
  await exposeAudioGraphs(page);
  await page.addInitScript((key) => {
    const now = () => ({
      cuts: 0,
      wall: performance.now() / 1000,
      graph: (globalThis as unknown as { graphs: AudioContext[] }).graphs.at(-1)?.currentTime ?? 0,
    });
    const encoders = new Map<MediaRecorder, Clocks & { since: Clocks | null }>();
    const run = (encoder: MediaRecorder) => {
      const known = encoders.get(encoder) ?? { wall: 0, graph: 0, cuts: 0, since: null };
      encoders.set(encoder, { ...known, since: now() });
    };
    const stand = (encoder: MediaRecorder) => {
      const known = encoders.get(encoder);
      if (!known?.since) return;
      const at = now();
      known.wall += at.wall - known.since.wall;
      known.graph += at.graph - known.since.graph;
      known.cuts++;
      known.since = null;
      // One that was merely tried is shorter.
      const [longest] = [...encoders.values()].sort((a, b) => b.wall - a.wall);
      sessionStorage.setItem(key, JSON.stringify(longest));
    };
    const { start, stop, pause, resume } = MediaRecorder.prototype;
    const after = <A extends unknown[]>(method: (...a: A) => void, then: (encoder: MediaRecorder) => void) =>
      function (this: MediaRecorder, ...a: A) {
        method.apply(this, a);
        then(this);
      };
    Object.assign(MediaRecorder.prototype, {
      start: after(start, run),
      resume: after(resume, run),
      pause: after(pause, stand),
      stop: after(stop, stand),
    });
  }, KEY);
}

/** What may be on its way from the microphone to the encoder (s) when it is stopped or paused, on a busy computer. */
const ON_ITS_WAY = 0.5;

/** Stops the recording and checks that its sound is as long as it was recorded for (+0.3 s, and less what was on
 * its way or never made by the computer, or what the clip's page says is missing). Returns the original. */
export async function stopAndMeasure(page: Page, longestQuiet = 3): Promise<Buffer> {
  const original = await downloadOriginal(page, await stopRecording(page));
  const { wall, graph, cuts } = JSON.parse((await page.evaluate((key) => sessionStorage.getItem(key), KEY))!) as Clocks;
  const length = soundSeconds(original);
  const known = `sound ${length} s, clock ${wall} s, audio graph ${graph} s`;
  const isSaid = (await page.getByText(/shorter than the recorder’s clock showed/).count()) > 0;
  expect(length, known).toBeGreaterThan(Math.min(wall, graph) - (isSaid ? 2 : cuts * ON_ITS_WAY));
  expect(length, known).toBeLessThan(wall + 0.3);
  expect(wall, known).toBeGreaterThan(1);
  expect(longestSilence(original)).toBeLessThan(longestQuiet);
  return original;
}
