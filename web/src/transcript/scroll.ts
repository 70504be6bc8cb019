/** Scrolls the transcript's list so that a segment is in its upper third. */
export function scrollToSegment(list: HTMLElement, id: string, behavior: ScrollBehavior = 'smooth'): void {
  const line = list.querySelector<HTMLElement>(`[data-segment="${CSS.escape(id)}"]`);
  if (line) list.scrollTo({ top: line.offsetTop - list.clientHeight / 3, behavior });
}

/** Moves the focus to the edit button of the line with a key, else to the list itself. */
export function focusSegment(list: HTMLElement, key: string | undefined): void {
  const button = key && list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] [data-edit]`);
  (button || list).focus({ preventScroll: true });
}
