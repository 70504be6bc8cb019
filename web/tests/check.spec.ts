import type { Locator, Page } from '@playwright/test';
import { clipOf } from './clips';
import { longestSilence, soundLength } from './decode';
import { accessibleEverywhere, desk, phone } from './everywhere';
import { downloadOriginal, holdCountdown } from './faults';
import { notePlayedSounds, playedSounds } from './played';
import { recorded, recordedMore, startRecording, stopRecording } from './steps';
import { accessible, accessibleColours, expect, test } from './story';

test.use({ hasSpeech: false });

const openRecorder = async (page: Page, mode: string): Promise<Locator> => {
  await page.goto('/record');
  await page.getByRole('radio', { name: mode, exact: true }).check({ force: true });
  return page.getByRole('region', { name: 'Check before recording' });
};

test('before a recording it says that you are heard, and lets you hear yourself', async ({ signedIn: page }, info) => {
  await notePlayedSounds(page);
  const check = await openRecorder(page, 'Camera');
  await expect(check.getByText('We can hear you')).toBeVisible();
  await expect(check.getByText('Camera on')).toBeVisible();
  await expect(check.getByText('Connection is fast enough')).toBeVisible();
  await expect(check.getByText(/^Room for \d+ (min|hours)$/)).toBeVisible();
  await accessibleEverywhere(page, info, 'check');

  await check.getByRole('button', { name: 'Hear yourself' }).press('Enter');
  await expect.poll(async () => (await playedSounds(page)).at(-1)?.ended).toBe(true);
  const [echo, ...others] = await playedSounds(page);
  expect(others).toEqual([]); // once
  expect(echo!.seconds).toBeCloseTo(2, 1);
  expect(echo!.level).toBeGreaterThan(0.005);
});

test('a microphone that is muted before a recording is named, and stays muted', async ({ signedIn: page }) => {
  const check = await openRecorder(page, 'Camera');
  await expect(check.getByText('We can hear you')).toBeVisible();
  await page.keyboard.press('Alt+Shift+M');
  await expect(check.getByText('You are muted')).toBeVisible();
  await accessible(page);
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true }); // opens the microphone anew
  await expect(check.getByText('You are muted')).toBeVisible();
  await page.keyboard.press('Alt+Shift+M');
  await expect(check.getByText('We can hear you')).toBeVisible();
});

test('the speaker that is chosen plays the test, and is remembered', async ({ signedIn: page }) => {
  await notePlayedSounds(page);
  await openRecorder(page, 'Voice');
  const speaker = page.getByLabel('Speaker', { exact: true });
  await speaker.selectOption({ label: 'Fake Audio Output 2' });
  const chosen = await speaker.inputValue();
  expect(chosen).not.toBe('');
  await page.getByRole('button', { name: 'Test speaker' }).click();
  await expect.poll(async () => (await playedSounds(page)).at(-1)).toMatchObject({ sink: chosen, ended: true });
  expect((await playedSounds(page))[0]!.level).toBeGreaterThan(0.05);
  await page.reload();
  await expect(speaker).toHaveValue(chosen);
});

test('a disk that is almost full is named before a recording', async ({ signedIn: page }, info) => {
  await page.addInitScript(() => {
    navigator.storage.estimate = () => Promise.resolve({ quota: 1_000_000_000, usage: 940_000_000 });
  });
  const check = await openRecorder(page, 'Camera');
  await expect(check.getByText(/The browser has room for about 3 min of recording on this computer’s disk/)).toBeVisible();
  await accessibleEverywhere(page, info, 'disk');
  await page.getByRole('radio', { name: 'Voice', exact: true }).check({ force: true }); // needs less
  await expect(check.getByText('Room for 83 min')).toBeVisible();
});

test('a slow connection is named before a recording, and is measured once', async ({ signedIn: page }, info) => {
  await holdCountdown(page);
  let probes = 0;
  page.on('request', (r) => (probes += Number(r.url().endsWith('/upload-probe'))));
  const network = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 40_000 };
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', slow);
  const check = await openRecorder(page, 'Camera');
  await expect(
    check.getByText(/Your connection is slower than the recording: 10 minutes of it are sent about \d+ min after Stop/),
  ).toBeVisible();
  await accessibleEverywhere(page, info, 'slow');
  const sent = probes;
  expect(sent).toBeGreaterThan(0);
  await page.reload();
  await expect(check.getByText(/slower than the recording/)).toBeVisible();
  expect(probes).toBe(sent);
  await page.getByRole('button', { name: 'Record camera' }).click(); // it is in nobody's way
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await network.send('Network.emulateNetworkConditions', { ...slow, offline: true });
  await expect(check.getByText('You are offline.')).toBeVisible();
});

for (const size of [desk, phone]) {
  test(`devices are changed by keyboard while recording, at ${size.width} px: the clip is whole`, async ({ signedIn: page }, info) => {
    await notePlayedSounds(page);
    await page.setViewportSize(size);
    await startRecording(page, 'Camera', 'Another ear');
    await recorded(page, 2);
    const stop = page.getByRole('button', { name: 'Stop', exact: true });
    const places = async () => [
      await stop.boundingBox(),
      await page.locator('.stage').evaluate((e) => e.getBoundingClientRect().top + scrollY),
    ];
    const before = await places();
    await page.getByText('Speaker, microphone and camera').press('Enter');
    const microphone = page.getByLabel('Microphone', { exact: true });
    await expect(microphone).toBeVisible();
    expect(await places()).toEqual(before);

    for (const field of ['Microphone', 'Camera']) {
      const select = page.getByLabel(field, { exact: true });
      const was = await select.inputValue();
      await select.focus();
      await page.keyboard.press('ArrowDown');
      await expect(select).not.toHaveValue(was);
      await expect(stop).toBeVisible();
    }
    await page.getByRole('button', { name: 'Test speaker' }).press('Enter');
    await expect.poll(async () => (await playedSounds(page)).at(-1)?.ended).toBe(true);
    await accessible(page);
    await page.screenshot({ path: info.outputPath(`panel-${size.width}.png`) });
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessibleColours(page);
    await page.screenshot({ path: info.outputPath(`panel-dark-${size.width}.png`) });
    const isUncovered = () =>
      stop.evaluate((e) => {
        const r = e.getBoundingClientRect();
        return e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2));
      });
    expect(await isUncovered()).toBe(true);
    await page.getByRole('button', { name: 'Test speaker' }).focus(); // scrolled to, and not under Stop
    expect(await isUncovered()).toBe(true);

    const clock = await recordedMore(page, 2);
    const original = await downloadOriginal(page, await stopRecording(page));
    expect(longestSilence(original)).toBeLessThan(3);
    expect(soundLength(original)).toBeGreaterThan(clock - 1);
  });
}

test('a video reply has the check and the devices, too', async ({ signedIn: page }, info) => {
  const clip = await clipOf(page.request, 'What do you think?');
  await page.goto(`/c/${clip}`);
  await page.getByRole('button', { name: 'Reply by video' }).click();
  const reply = page.getByRole('region', { name: 'Reply by video' });
  await expect(reply.getByText('We can hear you')).toBeVisible();
  await reply.getByText('Speaker, microphone and camera').press('Enter');
  await expect(reply.getByLabel('Microphone', { exact: true })).toBeVisible();
  await accessibleEverywhere(page, info, 'reply');
});

test('a missing microphone that is found late moves no mode that somebody is about to choose', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    const missing = new Promise<never>((_, refuse) => addEventListener('refuse', () => refuse(new DOMException('', 'NotFoundError'))));
    navigator.mediaDevices.getUserMedia = () => {
      document.documentElement.dataset.asked = '';
      return missing;
    };
  });
  await page.goto('/record');
  const modes = page.getByRole('group', { name: 'What to record' });
  await expect(page.locator('html[data-asked]')).toBeAttached();
  const before = await modes.boundingBox();
  await page.evaluate(() => dispatchEvent(new Event('refuse')));
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await modes.boundingBox()).toEqual(before);
});
