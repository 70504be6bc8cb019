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
