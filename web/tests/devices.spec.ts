import { accessible, expect, test } from './story';
import { frozenPictures, longest, longestSilence, loudness, soundLength } from './decode';
import {
  allowUnplugging,
  denySoundOutput,
  downloadOriginal,
  exposeAudioGraphs,
  holdCountdown,
  interruptSound,
  plugIn,
  releaseCountdown,
  removeAll,
  unplug,
} from './faults';
import { player, recorded, pictureMoves, recordedMore, skipCountdown, startRecording, stopRecording } from './steps';

test.use({ hasSpeech: false });
test.beforeEach(({ signedIn: page }) => allowUnplugging(page));

for (const mode of ['Voice', 'Camera', 'Screen and camera'] as const) {
  test(`${mode}: a microphone that is unplugged is named, and another one goes on`, async ({ signedIn: page }) => {
    await startRecording(page, mode, 'The cable');
    await recorded(page, 2);
    await unplug(page, 'audioinput');
    const notice = page.getByText(/The microphone was disconnected\. Going on with Fake/);
    await expect(notice).toBeVisible();
    await accessible(page);
    await plugIn(page, 'audioinput');
    await expect(page.getByText(/is connected again/)).toBeVisible();
    await page.getByRole('button', { name: /^Use .* again$/ }).click();
    await expect(notice).toBeHidden();
    if (mode === 'Camera') await pictureMoves(page); // a busy computer is late with it; a shared monitor is not shown
    const clock = await recordedMore(page, 3);
    const original = await downloadOriginal(page, await stopRecording(page));
    expect(longestSilence(original)).toBeLessThan(3);
    expect(soundLength(original)).toBeGreaterThan(clock - 1);
  });
}

test('a microphone that is unplugged in the countdown: the whole clip is heard', async ({ signedIn: page }) => {
  await holdCountdown(page);
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record voice' }).click();
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await unplug(page, 'audioinput');
  await expect(page.getByText(/The microphone was disconnected\. Going on with Fake/)).toBeVisible();
  await releaseCountdown(page);
  await recorded(page, 5);
  const original = await downloadOriginal(page, await stopRecording(page));
  expect(longestSilence(original)).toBeLessThan(3);
});

test('no microphone beside the screen: it is named, the screen is kept, and recorded without one', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    const share = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
    let times = 0;
    navigator.mediaDevices.getDisplayMedia = (o) => {
      document.documentElement.dataset.shared = String(++times);
      return share(o);
    };
  });
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Screen and camera', exact: true }).check({ force: true });
  await removeAll(page, 'audioinput');
  await page.getByRole('button', { name: 'Record screen and camera' }).click();
  const card = page.getByRole('alert').filter({ hasText: 'No microphone was found' });
  await expect(card).toContainText('The screen you chose is kept');
  await accessible(page);
  await card.getByRole('button', { name: 'Record without a microphone' }).click();
  await skipCountdown(page);
  await expect(card).toBeHidden();
  await recorded(page, 3);
  expect(await page.evaluate(() => document.documentElement.dataset.shared)).toBe('1');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.waitForURL(/\/c\//);
  await expect(player(page)).toBeVisible();
});

test('the card of a missing camera goes when one is plugged in', async ({ signedIn: page }) => {
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Camera', exact: true }).check({ force: true });
  await removeAll(page, 'videoinput');
  await page.getByRole('button', { name: 'Record camera' }).click();
  const card = page.getByRole('alert').filter({ hasText: 'No camera was found' });
  await expect(card.getByRole('button', { name: 'Record without a camera' })).toBeVisible();
  await plugIn(page, 'videoinput');
  await expect(card).toBeHidden();
});

test('what the browser asks can be cancelled, and asked again', async ({ signedIn: page }) => {
  await holdCountdown(page);
  await page.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const state = globalThis as unknown as { answer?: () => void };
    navigator.mediaDevices.getUserMedia = async (c) => {
      await new Promise<void>((resolve) => (state.answer = resolve));
      return open(c);
    };
  });
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true });
  await page.getByRole('button', { name: 'Record voice' }).click();
  await expect(page.getByText('Your browser asks for permission.')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Record voice' })).toBeEnabled();
  await page.evaluate(() => (globalThis as unknown as { answer: () => void }).answer());
  await expect(page.getByRole('button', { name: 'Start now' })).toBeHidden();
  await page.getByRole('button', { name: 'Record voice' }).click();
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
});

for (const mode of ['Camera', 'Screen and camera'] as const) {
  test(`${mode}: a camera that is unplugged costs no sound, and its picture goes on when it is back`, async ({ signedIn: page }) => {
    await startRecording(page, mode, 'The lens');
    await recorded(page, 2);
    await removeAll(page, 'videoinput');
    const notice = page.getByText(/The camera was disconnected\. Your (sound goes|screen and sound go) on/);
    await expect(notice).toBeVisible();
    await accessible(page);
    await recordedMore(page, 2);
    await plugIn(page, 'videoinput');
    await expect(notice).toBeHidden();
    if (mode === 'Camera') await pictureMoves(page); // a busy computer is late with it; a shared monitor is not shown
    const clock = await recordedMore(page, 3);
    const original = await downloadOriginal(page, await stopRecording(page));
    expect(longestSilence(original)).toBeLessThan(3);
    expect(soundLength(original)).toBeGreaterThan(clock - 1);
    const frozen = frozenPictures(original);
    if (mode === 'Camera') expect(frozen.some((f) => f.to - f.from > 1)).toBe(true);
    const end = soundLength(original); // a busy computer records few pictures a second
    expect(
      frozen.filter((f) => f.to === Infinity && end - f.from > 2),
      `ends at ${end} s`,
    ).toEqual([]);
  });
}

test('a camera that is unplugged in the first second costs no sound, and the encoder goes on', async ({ signedIn: page }) => {
  await startRecording(page, 'Camera', 'The lens, early');
  await recorded(page, 1);
  await removeAll(page, 'videoinput');
  await expect(page.getByText(/The camera was disconnected\. Your (sound goes|screen and sound go) on/)).toBeVisible();
  await recorded(page, 9);
  await expect(page.getByText(/encoder/)).toHaveCount(0);
  const original = await downloadOriginal(page, await stopRecording(page));
  expect(soundLength(original)).toBeGreaterThan(8);
  expect(frozenPictures(original).some((f) => f.to - f.from > 4)).toBe(true);
});

test('another microphone is chosen, and it is muted by a key, while recording', async ({ signedIn: page }) => {
  await startRecording(page, 'Voice', 'A better one');
  await recorded(page, 2);
  await page.getByText('Speaker, microphone and camera').click();
  await page.getByLabel('Microphone', { exact: true }).selectOption({ index: 1 });
  await accessible(page);
  await recorded(page, 4);
  await page.keyboard.press('Alt+Shift+M');
  await expect(page.getByText('You are muted')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-pressed', 'true');
  await accessible(page);
  await recordedMore(page, 3);
  await page.keyboard.press('Alt+Shift+M');
  await expect(page.getByText('You are muted')).toBeHidden();
  await recordedMore(page, 1);
  const levels = loudness(await downloadOriginal(page, await stopRecording(page)));
  expect(longest(levels, (l) => l < 0.0001)).toBeGreaterThan(2); // while muted
  expect(longest(levels.slice(0, 16), (l) => l < 0.0001)).toBeLessThan(1.5); // the change of microphones
});

test('sound that the system interrupts goes on', async ({ signedIn: page }) => {
  await exposeAudioGraphs(page);
  await startRecording(page, 'Voice', 'A call comes in');
  await recorded(page, 2);
  await interruptSound(page);
  await recorded(page, 6);
  const original = await downloadOriginal(page, await stopRecording(page));
  expect(longestSilence(original)).toBeLessThan(3);
  expect(soundLength(original)).toBeGreaterThan(5);
});

test('where the computer has no sound output, the microphone is recorded all the same', async ({ signedIn: page }) => {
  await denySoundOutput(page);
  await startRecording(page, 'Voice', 'No loudspeaker');
  await recorded(page, 5);
  await expect(page.getByText(/The level cannot be shown/)).toBeVisible();
  await accessible(page);
  const original = await downloadOriginal(page, await stopRecording(page));
  expect(longestSilence(original)).toBeLessThan(3);
  expect(soundLength(original)).toBeGreaterThan(4);
});

test('a microphone that goes before a recording is named, too', async ({ signedIn: page }) => {
  await page.goto('/record');
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true });
  await expect(page.getByText('We can hear you')).toBeVisible();
  await unplug(page, 'audioinput');
  await expect(page.getByText(/The microphone was disconnected\. Going on with Fake/)).toBeVisible();
  await removeAll(page, 'audioinput');
  await expect(page.getByText(/Connect one, and it is used/)).toBeVisible();
  await plugIn(page, 'audioinput');
  await expect(page.getByText(/Connect one, and it is used/)).toBeHidden();
});
