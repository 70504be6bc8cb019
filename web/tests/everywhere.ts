import type { Page, TestInfo } from '@playwright/test';
import { accessible, accessibleColours, expect } from './story';

export const phone = { width: 390, height: 844 };
export const desk = { width: 1280, height: 800 };

/** Nothing for axe to find on a desk and a phone, in light and dark. */
export async function accessibleEverywhere(page: Page, info: TestInfo, name: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of [desk, phone]) {
      await page.setViewportSize(size);
      await (colorScheme === 'light' ? accessible(page) : accessibleColours(page));
      await page.screenshot({ path: info.outputPath(`${name}-${colorScheme}-${size.width}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, `${size.width} px`).toBeLessThanOrEqual(0);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(desk);
}
