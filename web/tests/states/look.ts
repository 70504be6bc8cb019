import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../.cache/recorder-states', import.meta.url));

const looks = {
  light: { colorScheme: 'light', width: 1280, height: 800 },
  dark: { colorScheme: 'dark', width: 1280, height: 800 },
  phone: { colorScheme: 'light', width: 390, height: 844 },
  night: { colorScheme: 'dark', width: 390, height: 844 }, // a phone in the dark
  flat: { colorScheme: 'light', width: 640, height: 240 },
} as const;

/**
 * Pictures of a page in each look, in .cache/recorder-states/<name>-<look>.png. In each axe finds nothing, nothing
 * lies beyond the edge, and Stop is in view while something is recorded.
 */
export async function look(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [at, { colorScheme, width, height }] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.evaluate(async () => {
      scrollTo(0, 0);
      for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    });
    await page.screenshot({ path: join(folder, `${name}-${at}.png`), animations: 'disabled', fullPage: at === 'phone' });
    await judge(page, `${name}, ${at}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function judge(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect
    .soft(
      violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`),
      where,
    )
    .toEqual([]);
  expect
    .soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${where}: beyond the edge`)
    .toBeLessThanOrEqual(0);
  expect.soft(await cutOff(page), `${where}: buttons beyond the edge`).toEqual([]);
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  if ((await stop.count()) > 0 && (await page.getByRole('dialog').count()) === 0)
    await expect.soft(stop, where).toBeInViewport({ ratio: 1 });
}

/** Buttons that do not fit into the window from side to side: what is fixed to its edge makes no scroll bar. */
const cutOff = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a.btn, select')]
      .filter((b) => b.checkVisibility({ visibilityProperty: true }) && !b.closest('.visually-hidden'))
      .map((b) => ({ name: (b.getAttribute('aria-label') ?? b.textContent).trim(), at: b.getBoundingClientRect() }))
      .filter(({ at }) => at.width > 1 && (at.left < 0 || at.right > innerWidth))
      .map(({ name }) => name),
  );
