import { beepsOf, flashesOf } from '../decode';
import { allowUnplugging, downloadOriginal, plugIn, removeAll, unplug } from '../faults';
import { expect, test } from '../story';
import { silenceRecorder } from '../silentRecorder';
import { recorded, startRecording, stopRecording } from '../steps';
import { BEEP, useSyncedDevices } from '../syncedDevices';

test.use({ bypassCSP: true }); // the pictures come from a worker of the story

const LIMIT = 0.06; // s between flash and beep
/** The story's own audio graph holds sound back (s) before the page gets it, the longer the busier the computer is. */
const OWN_DELAY = 0.06;

const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;

/** The distance (s) of each flash to the beep next to it; positive: it is seen after it is heard. */
function offsets(original: Buffer): { at: number; by: number }[] {
  const beeps = beepsOf(original);
  return flashesOf(original).map((flash) => {
    const beep = beeps.reduce((a, b) => (Math.abs(b.at - flash) < Math.abs(a.at - flash) ? b : a));
    return { at: flash, by: flash - beep.at };
  });
}

for (const mode of ['Camera'] as const) {
  test(`${mode}: flash and beep stay together, when devices are changed and at the end`, async ({ signedIn: page }) => {
    await useSyncedDevices(page);
    await allowUnplugging(page);
    await startRecording(page, mode, 'Flash and beep');
    await recorded(page, 5);
    await unplug(page, 'audioinput');
    await expect(page.getByText(/The microphone was disconnected\. Going on with Fake/)).toBeVisible();
    await recorded(page, 10);
    await removeAll(page, 'videoinput');
    await expect(page.getByText(/The camera was disconnected/)).toBeVisible();
    await plugIn(page, 'videoinput');
    await expect(page.getByText(/The camera was disconnected/)).toBeHidden();
    await recorded(page, 16);
    const original = await downloadOriginal(page, await stopRecording(page));

    const all = offsets(original);
    expect(all.length).toBeGreaterThan(11);
    const start = median(all.filter((o) => o.at < 5).map((o) => o.by));
    expect(Math.abs(start), 'at the start').toBeLessThanOrEqual(LIMIT + OWN_DELAY);
    for (const [from, to] of [
      [0, 5],
      [6, 10],
      [12, Infinity],
    ] as const) {
      const by = all.filter((o) => o.at >= from && o.at < to).map((o) => o.by);
      expect(by.length, `flashes from ${from} s on`).toBeGreaterThan(1);
      expect(Math.abs(median(by) - start), `${from} s: ${by.map((b) => Math.round(b * 1000)).join(', ')} ms`).toBeLessThanOrEqual(LIMIT);
      const pitches = beepsOf(original)
        .filter((b) => b.at >= from && b.at < to)
        .map((b) => b.hertz);
      expect(Math.abs(median(pitches) / BEEP - 1), `${from} s: ${pitches.join(', ')} Hz`).toBeLessThan(0.01);
    }
  });
}

test('WebCodecs: flash and beep stay together, with a pause between', async ({ signedIn: page }) => {
  await useSyncedDevices(page);
  await silenceRecorder(page);
  await startRecording(page, 'Camera', 'Flash and beep by WebCodecs');
  await expect(page.getByText(/gave nothing for the first \d+ seconds/)).toBeVisible();
  await recorded(page, 5);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.waitForTimeout(1500); // the pause itself
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 10);
  const all = offsets(await downloadOriginal(page, await stopRecording(page)));
  expect(all.length).toBeGreaterThan(7);
  const by = (from: number, to: number) => median(all.filter((o) => o.at >= from && o.at < to).map((o) => o.by));
  const said = all.map((o) => `${o.at.toFixed(1)} s: ${Math.round(o.by * 1000)} ms`).join(', ');
  expect(Math.abs(by(0, 5)), said).toBeLessThanOrEqual(LIMIT + OWN_DELAY);
  expect(Math.abs(by(5.5, Infinity) - by(0, 5)), said).toBeLessThanOrEqual(LIMIT);
});
