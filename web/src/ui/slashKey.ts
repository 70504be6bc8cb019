/** "/" goes to the search box, as in most tools, unless something is being typed. */
export function focusSearchOnSlash(e: KeyboardEvent): void {
  const typing = (e.target as HTMLElement).closest?.('input, textarea, select, [contenteditable]');
  const box = document.querySelector<HTMLInputElement>('input[type=search][name=q]');
  if (e.key !== '/' || typing || e.ctrlKey || e.metaKey || e.altKey || !box) return;
  e.preventDefault();
  box.focus();
  box.select();
}
