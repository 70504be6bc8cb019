import { frozenPictures, longestSilence, soundLength } from './decode';
import { allowUnplugging, downloadOriginal, plugIn, removeAll } from './faults';
import { recorded, recordedMore, startRecording, stopRecording } from './steps';
import { expect, test } from './story';

test.use({ hasSpeech: false });

/** As on a computer that is too busy for a page's tasks: the streams of tracks are handed over and never connected. */
function leaveStreamsUnconnected(): void {
  Object.assign(globalThis, {
    MediaStreamTrackProcessor: class {
      readable = new ReadableStream();
    },
  });
}

test.beforeEach(({ signedIn: page }) => page.addInitScript(leaveStreamsUnconnected));

for (const mode of ['Camera', 'Screen', 'Screen and camera'] as const) {
  test(`${mode}: pictures are recorded although the browser does not connect their streams`, async ({ signedIn: page }) => {
    await startRecording(page, mode, 'Too busy');
    const clock = await recordedMore(page, 6);
    await expect(page.getByText(/gives no picture/)).toHaveCount(0);
    const original = await downloadOriginal(page, await stopRecording(page));
    expect(frozenPictures(original).filter((f) => f.to > 4)).toEqual([]); // seconds; the first copy is asked for after one
    expect(longestSilence(original)).toBeLessThan(3);
    expect(soundLength(original)).toBeGreaterThan(clock - 1);
  });
}

test('a camera that is plugged in again is recorded although its stream is not connected', async ({ signedIn: page }) => {
  await allowUnplugging(page);
  await startRecording(page, 'Camera', 'Too busy, and back');
  await recorded(page, 3);
  await removeAll(page, 'videoinput');
  await recordedMore(page, 2);
  await plugIn(page, 'videoinput');
  await expect(page.getByText(/The camera was disconnected/)).toBeHidden();
  await recordedMore(page, 4);
  const frozen = frozenPictures(await downloadOriginal(page, await stopRecording(page)));
  expect(frozen.some((f) => f.to - f.from > 1)).toBe(true);
  expect(frozen.filter((f) => f.to === Infinity)).toEqual([]);
});
