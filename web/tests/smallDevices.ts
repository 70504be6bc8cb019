import type { BrowserContext } from '@playwright/test';

/**
 * Lets what cameras and shared screens give be small: a quarter of the pixels, half the pictures a second. The recorder
 * asks for 720p, which costs a computer without a graphics card most of its time and proves nothing more. To be called
 * before a page is opened.
 */
export async function useSmallDevices(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const size = { width: 640, height: 360, frameRate: 15 };
    const media = navigator.mediaDevices;
    const [open, share] = [media.getUserMedia.bind(media), media.getDisplayMedia.bind(media)];
    media.getUserMedia = (c) => open(typeof c?.video === 'object' ? { ...c, video: { ...c.video, ...size } } : c);
    media.getDisplayMedia = async (o) => {
      const got = await share(o);
      for (const t of got.getVideoTracks()) await t.applyConstraints(size);
      return got;
    };
  });
}
