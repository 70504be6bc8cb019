import { loadStored, removeStored, saveStored } from '../lib/storage';
import { decodeMentions, encodeMentions, type Picked } from './mentions';

type Stored = { body: string; at: number | null; until?: number | null; picked?: Picked[] };

const maxLength = 10_000; // characters
const defaultRange = 5000; // ms

interface Options {
  /** Where the draft is kept while it is written. */
  key: string;
  /** The text that is edited; '' for a new comment. */
  text: string;
  /** The playhead, ms; null when there is no moment to pin to. */
  now: () => number | null;
  /** The clip's end, ms; null while it is recorded. */
  end: () => number | null;
}

/** A comment being written, with the moment or range it is about. It is kept in this browser until it is sent. */
export class CommentDraft {
  body = $state('');
  /** The moment it is pinned to, ms, taken when writing begins; null: the whole clip; undefined: not begun. */
  pin = $state<number | null | undefined>();
  /** The end of the range it is about, ms; null: a moment. */
  until = $state<number | null>(null);
  picked: Picked[];

  readonly #options: Options;

  now = $derived.by(() => this.#options.now());
  pinnable = $derived.by(() => this.now !== null);
  at = $derived.by(() => (this.pin === undefined ? this.now : this.pin));
  tooLong = $derived.by(() => [...encodeMentions(this.body, this.picked)].length > maxLength);

  constructor(options: Options) {
    this.#options = options;
    const stored = loadStored<Stored | null>(options.key, null);
    const given = decodeMentions(options.text);
    this.body = typeof stored?.body === 'string' ? stored.body : given.text;
    this.picked = Array.isArray(stored?.picked) ? stored.picked : given.picked;
    if (typeof stored?.at === 'number' || stored?.at === null) this.pin = stored.at;
    if (typeof stored?.until === 'number') this.until = stored.until;
  }

  /** After the text has changed: pins a new comment to the playhead. Returns whether writing has just begun. */
  onInput(): boolean {
    const begins = this.pin === undefined && this.pinnable;
    if (begins) this.pin = this.now;
    if (this.body || this.#options.text) this.keep();
    else this.#forget();
    return begins;
  }

  keep(): void {
    if (!this.body) return;
    saveStored(this.#options.key, { body: this.body, at: this.pin ?? null, until: this.until, picked: this.picked } satisfies Stored);
  }

  clear(): void {
    this.#forget();
    this.body = '';
    this.picked = [];
  }

  #forget(): void {
    removeStored(this.#options.key);
    this.pin = undefined;
    this.until = null;
  }

  pinNow = (): void => {
    this.pin = this.now;
  };

  unpin(): void {
    this.pin = this.until = null;
    this.keep();
  }

  /** Makes it about a range: from the pin to the playhead or, before that, five seconds on. */
  endHere = (): void => {
    const { at, now } = this;
    if (now === null || at === null) return;
    this.pin = at;
    const end = Math.min(this.#options.end() ?? Infinity, now > at ? now : at + defaultRange);
    this.until = end > at ? end : null;
    this.keep();
  };

  /** Moves the end of the range by ms; a range without length becomes a moment. */
  moveEnd(by: number): void {
    if (this.until === null || this.at === null) return;
    const end = Math.min(this.#options.end() ?? Infinity, this.until + by);
    this.until = end > this.at ? end : null;
    this.keep();
  }

  /** What is sent; null when there is nothing to send. */
  get message(): { body: string; at: number | null; until: number | null } | null {
    const words = this.body.trim();
    if (!words || this.tooLong) return null;
    const at = this.pinnable ? (this.at ?? null) : null;
    return { body: encodeMentions(words, this.picked), at, until: at === null ? null : this.until };
  }
}
