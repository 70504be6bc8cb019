/**
 * How often (ms) a copy is asked for while a stream is not connected: about as many pictures as a busy computer can record.
 */
const COPY_EVERY = 66;
/** Looks, COPY_EVERY apart, after which a stream without a second picture is taken for one that is not connected. */
const PATIENT_LOOKS = 15;
/** Looks between two requests at most, while the page shows the same picture again and again: a second. */
const MAX_PAUSE = 15;
/** Pictures that show that a stream is connected: the first one may have been on its way before it was handed over. */
const CONNECTED = 2;

/** What a source asks of the page: a copy of the track's present picture, and later, that none is wanted any more. */
export type SourceRequest = 'copy' | 'connected';

/**
 * The pictures of one track in a worker: those of its stream, and copies that the page makes until that is connected. A
 * stream that is handed to a worker is connected by a task of the page, which Chromium leaves undone while the page has
 * others to do: on a busy computer all through a recording. Messages still pass.
 */
export class FrameSource {
  #pictures = 0;
  #looks = 0;
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
    if (this.#isClosed || this.#pictures >= CONNECTED) frame.close();
    else this.#hand(frame, true);
  }

  /** Another one takes its place. */
  close() {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #look() {
    if (++this.#looks < PATIENT_LOOKS || this.#isAsked || this.#rest-- > 0) return;
    this.#isAsked = true;
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
    if (++this.#pictures === CONNECTED) {
      clearInterval(this.#timer);
      if (this.#looks >= PATIENT_LOOKS) this.ask('connected');
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
