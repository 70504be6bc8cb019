const haveFutureData = 3; // HTMLMediaElement.HAVE_FUTURE_DATA
const patience = 250; // ms without progress after which an element without data counts as stalled

type Media = Pick<HTMLMediaElement, 'paused' | 'ended' | 'seeking' | 'readyState' | 'currentTime'>;

/**
 * Whether an element that should play is waiting for data, derived from its state alone. `readyState` does not suffice:
 * after a seek WebKit leaves it at HAVE_CURRENT_DATA, without another event, while the element plays on. An element whose
 * position advances is not waiting.
 */
export class StallDetector {
  #position = 0; // s, when last read
  #advancedAt = -Infinity; // ms

  /** Reads the element at the time `now` (ms). */
  isStalled(media: Media, now: number): boolean {
    const starved = media.seeking || media.readyState < haveFutureData;
    const advanced = !media.seeking && media.currentTime > this.#position;
    if (!starved || advanced) this.#advancedAt = now;
    this.#position = media.currentTime;
    return starved && !media.paused && !media.ended && now - this.#advancedAt > patience;
  }
}
