/**
 * Puts text on the clipboard, and for programs that show it the same as HTML; also on plain http, where there is no
 * Clipboard API. Call it in the click: browsers let a page copy only then, and text that is still being fetched is handed
 * over as a promise. False when the browser refuses, or when there is no text after all.
 */
export async function copyText(text: string | Promise<string>, html?: string): Promise<boolean> {
  try {
    if (navigator.clipboard && 'ClipboardItem' in globalThis && (html || typeof text !== 'string')) {
      const plain = Promise.resolve(text).then((t) => new Blob([t], { type: 'text/plain' }));
      const rich: Record<string, Blob> = html ? { 'text/html': new Blob([html], { type: 'text/html' }) } : {};
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': plain, ...rich })]);
      return true;
    }
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(await text);
      return true;
    }
  } catch {
    // not focused, or not allowed: the old way may still be
  }
  try {
    return copySelection(await text);
  } catch {
    return false; // there is no text to copy
  }
}

/** Copies by the selection, as pages did before there was a Clipboard API. */
function copySelection(text: string): boolean {
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
