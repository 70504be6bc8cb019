/**
 * How often (ms) a copy is asked for while a stream is not connected: about as many pictures as a busy computer can record.
 */
const COPY_EVERY = 66;
/** Looks, COPY_EVERY apart, without a picture after which copies are asked for: half a second. By looks, since a busy computer has few. */
const PATIENT_LOOKS = 8;
/** The same once they were: a stream that is not connected gives a picture now and then. */
const HELPED_LOOKS = 4;
/** Looks between two requests at most, while the page shows the same picture again and again: a second. */
const MAX_PAUSE = 15;
/** Pictures of the stream in a row after which the page may give back what it makes copies with. */
const CONNECTED = 30;

/** What a source asks of the page: a copy of the track's present picture, and later, that none is wanted any more. */
export type SourceRequest = 'copy' | 'connected';

/**
 * The pictures of one track in a worker: those of its stream, and copies that the page makes while that gives none. A
 * stream that is handed to a worker is connected by a task of the page, which Chromium leaves undone while the page has
 * others to do: on a busy computer all through a recording. Until then a picture passes now and then, or none. Messages pass.
 */
export class FrameSource {
  #inRow = 0; // pictures of the stream since the last request
  #looks = 0; // since its last picture
  #isHelped = false; // copies were asked for
  #isAsked = false; // one copy on its way at most
  #pause = 0; // looks between two requests
  #rest = 0; // looks before the next one
  #isClosed = false;
  #timer = setInterval(() => this.#look(), COPY_EVERY);

  /** `use` gets each picture, and closes it. */
  constructor(
    frames: ReadableStream<VideoFrame>,
    private use: (frame: VideoFrame, isCopy: boolean) => void,
    private ask: (what: SourceRequest) => void,
  ) {
    void this.#followStream(frames);
  }

  /** What the page answers to a request for a copy; null: it shows no other picture than at the last one. */
  addCopy(frame: VideoFrame | null) {
    this.#isAsked = false;
    this.#rest = this.#pause = frame ? 0 : Math.min(2 * this.#pause + 1, MAX_PAUSE);
    if (!frame) return;
    if (this.#isClosed || !this.#isSilent) frame.close();
    else this.#hand(frame, true);
  }

  /** Another one takes its place. */
  close() {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  /** Whether the stream has given nothing for long. */
  get #isSilent(): boolean {
    return this.#looks >= (this.#isHelped ? HELPED_LOOKS : PATIENT_LOOKS);
  }

  #look() {
    this.#looks++;
    if (!this.#isSilent || this.#isAsked || this.#rest-- > 0) return;
    this.#isAsked = this.#isHelped = true;
    this.#inRow = 0;
    this.ask('copy');
  }

  async #followStream(frames: ReadableStream<VideoFrame>) {
    const reader = frames.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return this.close();
      if (this.#isClosed) value.close();
      else this.#addPicture(value);
    }
  }

  #addPicture(frame: VideoFrame) {
    this.#looks = 0;
    this.#pause = this.#rest = 0;
    if (this.#isHelped && ++this.#inRow === CONNECTED) {
      this.#isHelped = false;
      this.ask('connected');
    }
    this.#hand(frame, false);
  }

  /** One that cannot be used is left out: the next may be good. */
  #hand(frame: VideoFrame, isCopy: boolean) {
    try {
      this.use(frame, isCopy);
    } catch (e) {
      console.warn('tidings: a picture was left out', e);
    }
  }
}
