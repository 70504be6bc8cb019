/** Puts text on the clipboard; also on plain http, where there is no Clipboard API. False when the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // not focused, or not allowed: the old way may still be
  }
  const box = document.createElement('textarea');
  box.value = text;
  box.style.position = 'fixed';
  box.style.opacity = '0';
  (document.querySelector('dialog[open]') ?? document.body).append(box); // outside of an open dialog nothing can be selected
  box.select();
  try {
    return document.execCommand('copy');
  } finally {
    box.remove();
  }
}
