import { toast } from '../ui/toast.svelte';

type Media = HTMLMediaElement & { webkitEnterFullscreen?: () => void }; // iPhones have full screen for the video alone

export const canPictureInPicture = document.pictureInPictureEnabled === true;
export const canFullscreen = document.fullscreenEnabled === true || 'webkitEnterFullscreen' in HTMLVideoElement.prototype;

/** Shows the player's frame on the whole screen, or ends it. */
export async function toggleFullscreen(frame: HTMLElement | undefined, media: Media | undefined): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (frame?.requestFullscreen) await frame.requestFullscreen();
    else media?.webkitEnterFullscreen?.();
  } catch {
    toast('The browser does not allow full screen here.', 'bad');
  }
}

export async function togglePictureInPicture(media: HTMLMediaElement | undefined): Promise<void> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await (media as HTMLVideoElement).requestPictureInPicture();
  } catch {
    toast('The browser does not show a picture in picture here.', 'bad');
  }
}
