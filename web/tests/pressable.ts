import type { Page } from '@playwright/test';

/** What can be pressed in the window as it is: its name, area, and whether it is red. */
export const pressable = (page: Page) =>
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
