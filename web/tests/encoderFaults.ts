import type { Page } from '@playwright/test';

interface Faults {
  /** Encoders whose type begins so give nothing. */
  silent: string;
  /** These encoders give nothing any more. */
  muted: MediaRecorder[];
  recorders: MediaRecorder[];
  tracks: MediaStreamTrack[];
}

declare global {
  var faults: Faults;
}

export interface FaultOptions {
  silent?: string;
  hidden?: boolean;
  frameRate?: number;
  /** The only container that the browser says it can write. */
  container?: string;
}

/** Puts a page's recorders and tracks where a story can reach them. To be called before the page is opened. */
export const installFaults = (page: Page, options: FaultOptions = {}): Promise<unknown> => page.addInitScript(exposeFaults, options);

/** Runs in the pages of Chromium and Firefox. */
export function exposeFaults({ silent = '-', hidden = false, frameRate, container = '' }: FaultOptions): void {
  const faults: Faults = (globalThis.faults = { silent, muted: [], recorders: [], tracks: [] });
  const Real = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends Real {
    static override isTypeSupported = (type: string) => type.includes(container) && Real.isTypeSupported(type);
    constructor(stream: MediaStream, o?: MediaRecorderOptions) {
      super(stream, o);
      faults.recorders.push(this);
      // Heard before the page's own listeners, which come later.
      const isSilent = o?.mimeType?.startsWith(faults.silent);
      this.addEventListener('dataavailable', (e) => {
        if (isSilent || faults.muted.includes(this)) e.stopImmediatePropagation();
      });
    }
  };
  const devices = navigator.mediaDevices;
  for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
    const real = devices[name].bind(devices);
    devices[name] = async (c?: MediaStreamConstraints) => {
      const stream = await real(c as MediaStreamConstraints);
      faults.tracks.push(...stream.getTracks());
      if (frameRate) for (const t of stream.getVideoTracks()) await t.applyConstraints({ frameRate });
      return stream;
    };
  }
  if (hidden) Object.defineProperty(document, 'hidden', { get: () => true });
}

/** What the browser's own "Stop sharing" does. */
export async function stopSharing(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const track of globalThis.faults.tracks.filter((t) => t.readyState === 'live' && 'displaySurface' in t.getSettings())) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  });
}

/** Pauses the encoder for two seconds, of which the page knows nothing: they are missing in the file. */
export const pauseEncoder = (page: Page) =>
  page.evaluate(async () => {
    const [recorder] = globalThis.faults.recorders;
    recorder!.pause();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    recorder!.resume();
  });
