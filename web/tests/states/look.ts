import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pressable } from '../pressable';

const folder = fileURLToPath(new URL('../../../.cache/recorder-states', import.meta.url));

const looks = {
  light: { colorScheme: 'light', width: 1280, height: 800 },
  dark: { colorScheme: 'dark', width: 1280, height: 800 },
  phone: { colorScheme: 'light', width: 390, height: 844 },
  night: { colorScheme: 'dark', width: 390, height: 844 }, // a phone in the dark
  flat: { colorScheme: 'light', width: 640, height: 240 },
  small: { colorScheme: 'dark', width: 400, height: 300 },
} as const;

type Look = keyof typeof looks;

/**
 * Pictures of a page in each look, in .cache/recorder-states/<name>-<look>.png. In each axe finds nothing, nothing
 * lies beyond the edge, and Stop is in view while something is recorded, the largest button and the only red one.
 * All pictures come first: many a state lasts for a few seconds only.
 */
export async function look(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const at of Object.keys(looks) as Look[]) {
    await show(page, at);
    await page.screenshot({ path: join(folder, `${name}-${at}.png`), animations: 'disabled', fullPage: at === 'phone' });
  }
  for (const at of Object.keys(looks) as Look[]) {
    await show(page, at);
    await judge(page, `${name}, ${at}`, ['light', 'dark', 'phone'].includes(at)); // the colours of the others are those of these
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function show(page: Page, at: Look): Promise<void> {
  const { colorScheme, width, height } = looks[at];
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  await page.evaluate(async () => {
    scrollTo(0, 0);
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    const fading = document.getAnimations().filter((a) => a instanceof CSSTransition); // from the colours of the last look
    await Promise.allSettled(fading.map((a) => a.finished));
  });
}

async function judge(page: Page, where: string, colours: boolean): Promise<void> {
  if (colours) await judgeByAxe(page, where);
  expect
    .soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${where}: beyond the edge`)
    .toBeLessThanOrEqual(0);
  expect.soft(await cutOff(page), `${where}: buttons beyond the edge`).toEqual([]);
  const stop = page.getByRole('group', { name: 'Recording' });
  if ((await stop.count()) > 0 && (await page.getByRole('dialog').count()) === 0) await judgeStop(page, where);
  const reply = page.getByRole('region', { name: /^Reply by/ }).getByRole('timer');
  if ((await reply.count()) > 0) await judgeReply(page, where);
}

async function judgeByAxe(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary ?? ''}`));
  expect.soft(found, where).toEqual([]);
}

/** Stop is in view, larger than any other button, and the only red one. */
async function judgeStop(page: Page, where: string): Promise<void> {
  const isPicture = (name: string) => name.startsWith('Camera bubble'); // of the camera, that can be moved
  const found = (await pressable(page)).filter((b) => !isPicture(b.name)).sort((a, b) => b.area - a.area);
  expect.soft(found[0]?.name, `${where}: ${JSON.stringify(found)}`).toBe('Stop');
  expect
    .soft(
      found.filter((b) => b.red).map((b) => b.name),
      where,
    )
    .toEqual(['Stop']);
}

/** Of a reply, which stands on another page and may be out of view, the button that ends it is the only red one. */
async function judgeReply(page: Page, where: string): Promise<void> {
  const red = (await pressable(page)).filter((b) => b.red && !['Send', 'Stop'].includes(b.name));
  expect.soft(red, where).toEqual([]);
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
