import type { Page } from '@playwright/test';
import { installFaults } from './encoderFaults';

/** The browser's recorder says that it writes pictures in one kind of file, and gives nothing. */
export async function silenceRecorder(page: Page): Promise<void> {
  await installFaults(page, { silent: 'video/' });
  await page.addInitScript(() => {
    const can = MediaRecorder.isTypeSupported.bind(MediaRecorder);
    MediaRecorder.isTypeSupported = (type) => can(type) && /^audio|codecs=vp8/.test(type);
  });
}

/** A browser that has MediaRecorder alone. */
export const withoutCodecs = (page: Page): Promise<unknown> => page.addInitScript(() => Reflect.deleteProperty(globalThis, 'VideoEncoder'));

/** A browser that says of sound alone that it writes Ogg: what it writes is WebM all the same. */
export const useOgg = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const ogg = 'audio/ogg;codecs=opus';
    const Real = globalThis.MediaRecorder;
    globalThis.MediaRecorder = class extends Real {
      #isOgg: boolean;
      static override isTypeSupported(type: string) {
        return type.startsWith('audio/') ? type === ogg : Real.isTypeSupported(type);
      }
      constructor(stream: MediaStream, options?: MediaRecorderOptions) {
        const isOgg = options?.mimeType === ogg;
        super(stream, isOgg ? { ...options, mimeType: 'audio/webm;codecs=opus' } : options);
        this.#isOgg = isOgg;
      }
      override get mimeType() {
        return this.#isOgg ? ogg : super.mimeType;
      }
    };
  });
