import { failEncoder, failEncoders, installFaults, pauseEncoder, stopSharing } from '../encoderFaults';
import { useOgg, withoutCodecs } from '../silentRecorder';
import { recorded, startRecording, stopRecording } from '../steps';
import { expect, test } from '../story';
import { look } from './look';
import { holdCountdown, holdTime, releaseTime, startButton } from './prepare';

test('an encoder that gives nothing, and the next that does', async ({ signedIn: page }) => {
  await installFaults(page, { silent: 'video/mp4' });
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await expect(page.getByText('Starting…')).toBeVisible();
  await holdTime(page);
  await look(page, 'encoder-starting');
  await releaseTime(page);
  await expect(page.getByText(/gave nothing for the first/)).toBeVisible({ timeout: 40_000 });
  await look(page, 'encoder-fallback');
});

test('an encoder that gives nothing of any kind', async ({ signedIn: page }) => {
  await installFaults(page, { silent: '' });
  await withoutCodecs(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await expect(page.getByText('Nothing is recorded yet')).toBeVisible();
  await holdTime(page);
  await look(page, 'encoder-silent');
  await releaseTime(page);
  await expect(page.getByRole('heading', { name: 'Nothing was recorded' })).toBeVisible({ timeout: 60_000 });
  await look(page, 'nothing-recorded');
});

test('an encoder that gives no picture', async ({ signedIn: page }) => {
  await installFaults(page, { silent: 'video/' });
  await withoutCodecs(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await expect(page.getByText(/encodes no picture: your sound alone/)).toBeVisible({ timeout: 60_000 });
  await look(page, 'encoder-sound-alone');
  await stopRecording(page);
  await expect(page.getByText('It has no picture.')).toBeVisible();
  await look(page, 'clip-without-picture');
});

test('an encoder that comes to a standstill', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await page.evaluate(() => globalThis.faults.muted.push(globalThis.faults.recorders[0]!));
  await expect(page.getByText(/was started again: \S+ s are missing/)).toBeVisible(); // "Nothing new since" is there for a moment
  await look(page, 'encoder-stalled');
});

test('an encoder that fails, and the next ones give nothing', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await page.evaluate(() => (globalThis.faults.silent = ''));
  await failEncoder(page);
  await expect(page.getByText(/is being started again/)).toBeVisible();
  await holdTime(page);
  await look(page, 'encoder-restarting');
  await releaseTime(page);
  await page.waitForURL(/\/c\//, { timeout: 60_000 });
  await expect(page.getByText(/gave nothing for too long at/)).toBeVisible();
  await look(page, 'ended-stalled');
});

test('a standstill in a file that cannot be continued', async ({ signedIn: page }) => {
  await useOgg(page);
  await installFaults(page);
  await startRecording(page, 'Voice', 'The review of Tuesday');
  await recorded(page, 3);
  await page.evaluate(() => globalThis.faults.muted.push(globalThis.faults.recorders[0]!));
  await expect(page.getByText(/record the rest as another clip/)).toBeVisible();
  await look(page, 'encoder-stalled-ogg');
});

test('a computer that cannot keep up', async ({ signedIn: page }) => {
  await installFaults(page, { frameRate: 4 });
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await expect(page.getByText(/cannot keep up/)).toBeVisible({ timeout: 40_000 });
  await look(page, 'encoder-slow');
});

test('an encoder that fails', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await failEncoder(page);
  await expect(page.getByText(/was started again/)).toBeVisible();
  await look(page, 'encoder-restarted');
  await stopRecording(page);
  await expect(page.getByText(/was started again/)).toBeVisible();
  await look(page, 'clip-restarted');
});

test('encoders that fail one after the other: sound alone', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await failEncoders(page, 3);
  await expect(page.getByText(/on your sound alone is recorded/)).toBeVisible();
  await look(page, 'encoder-restarted-sound-alone');
});

test('encoders that fail one after the other: the end', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await failEncoders(page);
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/encoder failed at/)).toBeVisible();
  await look(page, 'ended-encoder');
});

test('sharing that is stopped', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Screen', 'The review of Tuesday');
  await recorded(page, 3);
  await stopSharing(page);
  await page.waitForURL(/\/c\//);
  await expect(page.getByText(/Sharing was stopped at/)).toBeVisible();
  await look(page, 'ended-sharing');
});

test('sharing that is stopped in the countdown', async ({ signedIn: page }) => {
  await installFaults(page);
  await holdCountdown(page);
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen', exact: true }).check({ force: true });
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await stopSharing(page);
  await expect(page.getByText('Sharing was stopped, so nothing was recorded.')).toBeVisible();
  await look(page, 'countdown-sharing-stopped');
});

test('a file that differs from the clock', async ({ signedIn: page }) => {
  await installFaults(page);
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await pauseEncoder(page);
  await recorded(page, 7);
  await stopRecording(page);
  await expect(page.getByText(/shorter than the recorder’s clock/)).toBeVisible();
  await look(page, 'clock-differs');
});
