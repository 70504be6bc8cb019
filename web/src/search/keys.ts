/**
 * Arrow keys through what was found: down and up over all links marked [data-hit], up from the first back into
 * the search box. Returns whether the key was used.
 */
export function moveFocus(e: KeyboardEvent, list: HTMLElement, box: HTMLElement): boolean {
  if (e.altKey || e.ctrlKey || e.metaKey || e.shiftKey || (e.key !== 'ArrowDown' && e.key !== 'ArrowUp')) return false;
  const hits = [...list.querySelectorAll<HTMLElement>('[data-hit]')];
  const at = hits.indexOf(document.activeElement as HTMLElement);
  if (at < 0 && document.activeElement !== box) return false;
  const to = at + (e.key === 'ArrowDown' ? 1 : -1);
  if (to < 0 && at < 0) return false;
  (to < 0 ? box : hits[Math.min(to, hits.length - 1)])?.focus();
  return hits.length > 0;
}

/** Whether the key plays the result that has the focus: P without modifiers. */
export function isPlayKey(e: KeyboardEvent): boolean {
  if (e.key.toLowerCase() !== 'p' || e.ctrlKey || e.metaKey || e.altKey) return false;
  return e.target instanceof HTMLElement && e.target.matches('li a[data-hit]');
}
