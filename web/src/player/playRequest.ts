/** A request to play, until something pauses. */
export class PlayRequest {
  #open = false;

  /** Plays the element; onBlocked: the browser wants a click first. Other errors show as an error of the source. */
  begin(media: HTMLMediaElement, onBlocked: () => void): void {
    this.#open = true;
    media.play().catch((e: unknown) => {
      const name = e instanceof DOMException ? e.name : '';
      if (name === 'NotAllowedError') onBlocked();
      // The element pauses when a source is connected after play() was called: a slow machine takes that long.
      if (name === 'AbortError' && this.#open && media.paused) this.#beginWhenLoaded(media, onBlocked);
    });
  }

  /** Something has paused. */
  cancel(): void {
    this.#open = false;
  }

  #beginWhenLoaded(media: HTMLMediaElement, onBlocked: () => void): void {
    const begin = () => this.#open && this.begin(media, onBlocked);
    if (media.readyState > 0) begin();
    else media.addEventListener('loadedmetadata', begin, { once: true });
  }
}
