import type { Page } from '@playwright/test';
import { accessible, expect, test } from './story';
import { recorded, startRecording } from './steps';

const sizes = [
  { width: 640, height: 240 },
  { width: 400, height: 300 },
  { width: 390, height: 844 },
  { width: 320, height: 480 },
  { width: 480, height: 270 },
  { width: 1024, height: 600 },
  { width: 1280, height: 800 },
];

/** What can be pressed in the window as it is: its name, area, and whether it is red. */
const pressable = (page: Page) =>
  page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    const reds = ['--rec', '--rec-strong', '--rec-soft'].map((name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    const seen = [...document.querySelectorAll<HTMLElement>('button, a, [role=button]')].flatMap((e) => {
      const r = e.getBoundingClientRect();
      const inside = r.width > 1 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth;
      const top = inside && document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
      if (!top || !e.contains(top)) return [];
      const parts = [e, ...e.querySelectorAll<HTMLElement>('*')].map((p) => getComputedStyle(p));
      const red = parts.some((s) => reds.includes(s.color) || reds.includes(s.backgroundColor));
      return [{ name: (e.getAttribute('aria-label') ?? e.textContent).trim(), area: r.width * r.height, red }];
    });
    return seen;
  });

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
});
