import { accessible, expect, plays, test } from './story';
import { clipIsReady } from './faults';
import { openedClip, recorded, startRecording, stopAt } from './steps';

test.use({ hasSpeech: false, hasSmallDevices: false });

test('screen with a bubble, paused and gone on with', async ({ signedIn: page }) => {
  await startRecording(page, 'Screen and camera', 'A walk through the release');
  await recorded(page, 3);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
  const pausedAt = performance.now();
  const timer = page.getByRole('timer', { name: 'Recorded' });
  const before = await timer.textContent();
  await accessible(page); // takes its seconds, which are not recorded
  await accessible(page);
  expect(await timer.textContent()).toBe(before);
  const pause = (performance.now() - pausedAt) / 1000;
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 6);
  const clock = await stopAt(page);
  const clip = await openedClip(page);
  await plays(page);

  await clipIsReady(page, clip);
  const made = (await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as {
    width: number;
    height: number;
    duration_ms: number;
    kind: string;
  };
  expect(made.kind).toBe('screen_camera');
  expect(made.width).toBeGreaterThan(0);
  expect(made.duration_ms).toBeGreaterThan(5000); // both halves
  expect(made.duration_ms / 1000).toBeLessThan(clock + Math.max(3, pause)); // and not the pause
  await accessible(page);
});
