import { allowUnplugging, removeAll, unplug } from './faults';
import { pressable } from './pressable';
import { accessible, expect, test } from './story';
import { recorded, startRecording } from './steps';

test.use({ hasSpeech: false });

const sizes = [
  { width: 640, height: 240 },
  { width: 400, height: 300 },
  { width: 390, height: 844 },
  { width: 320, height: 480 },
  { width: 480, height: 270 },
  { width: 1024, height: 600 },
  { width: 1280, height: 800 },
];

test('Stop is in view in every window, the largest button, and the only red one', async ({ signedIn: page }, info) => {
  await startRecording(page, 'Camera', 'In a small window');
  await recorded(page, 2);
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const at of ['top', 'bottom']) {
      await page.evaluate((to) => scrollTo(0, to === 'top' ? 0 : document.body.scrollHeight), at);
      const found = await pressable(page);
      const where = `${size.width}×${size.height}, ${at}: ${JSON.stringify(found)}`;
      expect(
        found.filter((b) => b.red).map((b) => b.name),
        where,
      ).toEqual(['Stop']);
      const names = found.map((b) => b.name);
      for (const name of ['Pause', 'Mute', 'Start over', 'Discard']) expect(names, where).toContain(name);
      const buttons = found.sort((a, b) => b.area - a.area);
      expect(buttons[0]!.name, where).toBe('Stop');
      await page.screenshot({ path: info.outputPath(`${size.width}x${size.height}-${at}.png`) });
    }
  }
  await page.setViewportSize({ width: 400, height: 300 });
  await accessible(page);

  await page.evaluate(() => {
    const at = performance.now() + 40_000_000; // it stays there
    performance.now = () => at;
  });
  await expect(page.getByRole('timer', { name: 'Recorded' })).toContainText(/^11:/);
  for (const size of sizes.filter(({ width }) => width <= 400)) {
    await page.setViewportSize(size);
    const buttons = (await pressable(page)).sort((a, b) => b.area - a.area);
    expect(buttons[0]!.name, `hours, ${size.width}×${size.height}: ${JSON.stringify(buttons)}`).toBe('Stop');
  }
});

test('what is said of a device is in view above Stop, and the picture gives way to it', async ({ signedIn: page }) => {
  await allowUnplugging(page);
  await startRecording(page, 'Camera', 'Without either');
  await recorded(page, 2);
  await removeAll(page, 'videoinput');
  await removeAll(page, 'audioinput');
  const notices = page.getByText(/ was disconnected\. /);
  await expect(notices).toHaveCount(2);
  await expect(page.getByText('Your sound goes on')).toHaveCount(0); // there is none
  for (const size of [
    { width: 1280, height: 800 },
    { width: 1024, height: 700 },
  ]) {
    await page.setViewportSize(size);
    const stop = (await page.getByRole('button', { name: 'Stop', exact: true }).boundingBox())!;
    expect(stop.y + stop.height, JSON.stringify(size)).toBeLessThanOrEqual(size.height);
    for (const notice of await notices.all()) {
      const at = (await notice.boundingBox())!;
      expect(at.y + at.height, JSON.stringify(size)).toBeLessThanOrEqual(stop.y);
    }
    const picture = (await page.locator('.stage').boundingBox())!;
    expect(picture.width / picture.height, JSON.stringify(size)).toBeCloseTo(16 / 9, 1); // the bubble is placed on it
  }
  const [notice] = await notices.all();
  const below = await notice!.evaluate((p) => p.parentElement!.getBoundingClientRect().bottom - p.getBoundingClientRect().bottom);
  expect(below).toBeLessThan(16); // no room for buttons where there are none
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page);
});

test('before a recording, what is said of devices leaves the button to record in view', async ({ signedIn: page }) => {
  await allowUnplugging(page);
  await page.goto('/record');
  await expect(page.getByText('We can hear you')).toBeVisible();
  await unplug(page, 'audioinput');
  await expect(page.getByText(/Going on with Fake/)).toBeVisible();
  for (const size of [
    { width: 1280, height: 800 },
    { width: 1024, height: 700 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(size);
    const start = (await page.getByRole('button', { name: 'Record camera' }).boundingBox())!;
    expect(start.y + start.height, JSON.stringify(size)).toBeLessThanOrEqual(size.height);
  }
});
