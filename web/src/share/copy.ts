/**
 * Puts text on the clipboard, and for programs that show it the same as HTML; also on plain http, where there is no
 * Clipboard API. False when the browser refuses.
 */
export async function copyText(text: string, html?: string): Promise<boolean> {
  try {
    if (html && navigator.clipboard && 'ClipboardItem' in globalThis) {
      const as = (type: string, of: string) => ({ [type]: new Blob([of], { type }) });
      await navigator.clipboard.write([new ClipboardItem({ ...as('text/plain', text), ...as('text/html', html) })]);
      return true;
    }
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
