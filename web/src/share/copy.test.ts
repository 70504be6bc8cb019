import { afterEach, expect, it, vi } from 'vitest';
import { copyText } from './copy';

/** The clipboard of a browser that lets the page copy during the click alone. */
function clipboardOf({ allowed = true } = {}) {
  const written: string[] = [];
  let clicking = true;
  const refuse = () => Promise.reject(new DOMException('Write permission denied.', 'NotAllowedError'));
  const clipboard = {
    writeText: async (text: string) => (clicking && allowed ? void written.push(text) : refuse()),
    write: async ([item]: { data: Record<string, Promise<Blob>> }[]) => {
      if (!clicking || !allowed) return refuse();
      written.push(await (await item!.data['text/plain']!).text());
    },
  };
  vi.stubGlobal('navigator', { clipboard });
  vi.stubGlobal(
    'ClipboardItem',
    class {
      constructor(readonly data: Record<string, Promise<Blob>>) {}
    },
  );
  document.execCommand = () => false;
  return { written, endClick: () => (clicking = false) };
}

afterEach(() => vi.unstubAllGlobals());

it('copies what is still being fetched: the browser is asked inside the click', async () => {
  const { written, endClick } = clipboardOf();
  let resolve: (text: string) => void = () => undefined;
  const copying = copyText(new Promise<string>((done) => (resolve = done)));
  endClick();
  resolve('/s/abc');
  expect(await copying).toBe(true);
  expect(written).toEqual(['/s/abc']);
});

it('says that the browser refused', async () => {
  clipboardOf({ allowed: false });
  expect(await copyText(Promise.resolve('/s/abc'))).toBe(false);
  expect(await copyText('/s/abc')).toBe(false);
});

it('says that nothing was copied when there is nothing to copy', async () => {
  const { written } = clipboardOf();
  expect(await copyText(Promise.reject(new Error('refused by the server')))).toBe(false);
  expect(written).toEqual([]);
});
