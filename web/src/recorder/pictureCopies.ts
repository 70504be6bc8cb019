/**
 * Copies of what a track shows, by way of a video element. Browsers show a track even while they are too busy to connect
 * its stream to a worker (FrameSource).
 */
export class PictureCopies {
  #video?: HTMLVideoElement;
  #last: number | null = null; // timestamp of the last copy, µs

  constructor(private track: MediaStreamTrack) {}

  /** The picture it shows now; null where there is none, or the same as at the last call. */
  take(): VideoFrame | null {
    this.#video ??= playTrack(this.track);
    if (this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || this.track.readyState === 'ended') return null;
    const frame = copyPicture(this.#video);
    if (!frame) return null;
    if (frame.timestamp !== this.#last) {
      this.#last = frame.timestamp;
      return frame;
    }
    frame.close();
    return null;
  }

  /** Gives the video element back; another call of take makes one anew. */
  end() {
    if (this.#video) this.#video.srcObject = null;
    this.#video = undefined;
  }
}

/** Null where the browser has dropped the picture since: another one follows. */
function copyPicture(video: HTMLVideoElement): VideoFrame | null {
  try {
    return new VideoFrame(video);
  } catch {
    return null;
  }
}

/** A video element that shows the track, as soon as it gives something. */
export function playTrack(track: MediaStreamTrack): HTMLVideoElement {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: new MediaStream([track]) });
  video.play().catch(() => {}); // until then, and where it may not, it has nothing to show
  return video;
}
