import { decodedLength, frozenPictures, longestSilence, pictureTimes, sizesOf, soundSeconds } from './decode';
import { refuseDevices, shareStillScreen } from './firefox/inPage';
import { recorded, recordedMore, skipCountdown, startRecording, stopRecording } from './steps';
import { accessible, expect, test } from './story';
import { originalOf } from './tus';

test.use({ hasSpeech: false });

declare global {
  var camera: CanvasRenderingContext2D;
}

/** The camera gives a picture whenever one is drawn on `camera`, and the browser says that it runs. */
function giveDrawnPictures(): void {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const real = await open(wanted);
    const tracks = real.getTracks().map((track) => {
      if (track.kind !== 'video') return track;
      const settings = track.getSettings();
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
      globalThis.camera = canvas.getContext('2d')!;
      globalThis.camera.fillRect(0, 0, 640, 360);
      const drawn = canvas.captureStream(30).getVideoTracks()[0]!;
      Object.defineProperty(drawn, 'label', { value: track.label });
      return Object.assign(drawn, { getSettings: () => ({ ...settings, width: 640, height: 360 }) });
    });
    return new MediaStream(tracks);
  };
}

const longestWait = (times: number[]) => Math.max(...times.slice(1).map((t, i) => t - times[i]!));

test('a screen on which nothing moves, without a microphone: all of it is recorded', async ({ signedIn: page }) => {
  await page.addInitScript(shareStillScreen);
  await page.addInitScript(refuseDevices, { audio: 'NotFoundError' });
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record screen' }).click();
  await page.getByRole('button', { name: 'Record without a microphone' }).click();
  await skipCountdown(page);
  await expect(page.getByText(/^Saved, 0:\d\d/)).toBeVisible(); // before Stop
  await recorded(page, 6);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(decodedLength(original)).toBeGreaterThan(5.5);
  expect(longestWait(pictureTimes(original))).toBeLessThan(1);
});

test('a screen on which nothing moves, beside a microphone: picture and sound are saved from the start', async ({ signedIn: page }) => {
  await page.addInitScript(shareStillScreen);
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record screen' }).click();
  await skipCountdown(page);
  await expect(page.getByText(/^Saved, 0:\d\d/)).toBeVisible();
  await expect(page.getByText('Nothing is recorded yet')).toHaveCount(0);
  await recorded(page, 8);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(soundSeconds(original)).toBeGreaterThan(7.5);
  expect(pictureTimes(original).at(-1)).toBeGreaterThan(6.5);
  expect(longestSilence(original)).toBeLessThan(3);
});

test('a window that is resized and then stands still: its new size is recorded', async ({ signedIn: page }) => {
  await page.addInitScript(shareStillScreen);
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record screen' }).click();
  await skipCountdown(page);
  await recorded(page, 3);
  await page.evaluate(() => {
    const window = Object.assign(story.screen!, { width: 800, height: 600 });
    window.getContext('2d')!.fillRect(0, 0, window.width, window.height);
  });
  await recorded(page, 7);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(pictureTimes(original).at(-1)).toBeGreaterThan(5.5);
  const sizes = sizesOf(original);
  expect(sizes[0]).toBe('640,360');
  expect(sizes.at(-1)).toBe('800,600');
});

test('a camera that gives one picture and then none: it is named, the sound goes on, and so does the picture later', async ({
  signedIn: page,
}) => {
  await page.addInitScript(giveDrawnPictures);
  await startRecording(page, 'Camera', 'One picture');
  const notice = page.getByText(/No picture comes from .+\. Close other programs that use it, or open its cover\. Your sound goes on\./);
  await expect(notice).toBeVisible();
  await expect(page.getByText('Your computer cannot keep up')).toHaveCount(0);
  await accessible(page);
  await page.evaluate(() => {
    let step = 0;
    setInterval(() => {
      globalThis.camera.fillStyle = `hsl(${(step += 40) % 360} 80% 50%)`;
      globalThis.camera.fillRect(0, 0, 640, 360);
    }, 50);
  });
  await expect(notice).toHaveCount(0);
  const clock = await recordedMore(page, 3);
  const original = await originalOf(page.request, await stopRecording(page));
  expect(soundSeconds(original)).toBeGreaterThan(clock - 0.5);
  expect(frozenPictures(original).at(-1)!.to, 'the picture goes on').toBeLessThan(soundSeconds(original) - 1);
});
