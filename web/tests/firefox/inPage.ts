/** What Firefox does not do without a person, a display or a cable. These functions run in its pages, whose devices are its fakes. */

interface Story {
  asked: number; // questions about storage
  tracks: MediaStreamTrack[];
  gone: boolean; // the camera
  screen?: HTMLCanvasElement;
}

declare global {
  var story: Story;
}

/** Shares a picture of which, as in Firefox, nothing says what it is; counts the questions about storage. */
export function shareScreen(): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  globalThis.story = { asked: 0, tracks: [], gone: false };
  media.getDisplayMedia = async () => {
    const screen = await open({ video: true });
    story.tracks.push(...screen.getTracks());
    return screen;
  };
  navigator.storage.persist = () => {
    story.asked++;
    return Promise.resolve(false);
  };
}

/** Shares a screen on which nothing moves. Chromium runs it, too. */
export function shareStillScreen(): void {
  globalThis.story = { asked: 0, tracks: [], gone: false };
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = (story.screen = Object.assign(document.createElement('canvas'), { width: 640, height: 360 }));
    canvas.getContext('2d')!.fillRect(0, 0, canvas.width, canvas.height);
    return Promise.resolve(canvas.captureStream(30));
  };
}

/** Lets a camera be taken away. */
export function watchCamera(): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  globalThis.story = { asked: 0, tracks: [], gone: false };
  media.getUserMedia = async (wanted) => {
    if (wanted?.video && story.gone) throw new DOMException('', 'NotFoundError');
    const stream = await open(wanted);
    story.tracks.push(...stream.getVideoTracks());
    return stream;
  };
}

/** "Stop sharing" in the browser's own bar, or a camera whose cable is pulled. */
export function endPictures(): void {
  story.gone = true;
  for (const track of story.tracks.filter((t) => t.readyState === 'live')) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
}

export type Refusals = Partial<Record<'audio' | 'video', string>>;

/** Refuses microphone or camera for a reason, as Firefox does: one that is missing refuses both where both are asked for. */
export function refuseDevices(refusals: Refusals): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = (wanted) => {
    const kind = (['audio', 'video'] as const).find((k) => wanted?.[k] && refusals[k]);
    return kind ? Promise.reject(new DOMException('', refusals[kind])) : open(wanted);
  };
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (of) => {
    const kind = { microphone: 'audio', camera: 'video' }[of.name as string] as 'audio' | 'video' | undefined;
    if (!kind || refusals[kind] !== 'NotAllowedError') return query(of);
    return { state: 'denied' } as PermissionStatus;
  };
}
