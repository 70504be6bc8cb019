import type { Choice } from './filters';

/** The list of values that opens while a filter is written, with the keys that choose from it. */
export class FilterSuggestions {
  /** Index of the value that arrows have come to; -1 for none. */
  #at = $state(-1);
  /** Closed by Escape, or because the box lost the focus, until something else is typed. */
  #closed = $state(false);
  readonly #suggest: () => Choice[];
  readonly #onChoose: (choice: Choice) => void;

  offers = $derived.by(() => (this.#closed ? [] : this.#suggest()));
  at = $derived.by(() => (this.#at < this.offers.length ? this.#at : -1));

  constructor(suggest: () => Choice[], onChoose: (choice: Choice) => void) {
    this.#suggest = suggest;
    this.#onChoose = onChoose;
  }

  /** Something else was typed. */
  reset(): void {
    this.#closed = false;
    this.#at = -1;
  }

  choose = (choice: Choice): void => {
    this.#at = -1;
    this.#onChoose(choice);
  };

  close = (): void => {
    this.#closed = true;
  };

  handleKey(e: KeyboardEvent): void {
    const count = this.offers.length;
    if (count === 0 || e.isComposing) return;

    if (e.key === 'ArrowDown') this.#at = (this.at + 1) % count;
    else if (e.key === 'ArrowUp') this.#at = (Math.max(this.at, 0) - 1 + count) % count;
    else if ((e.key === 'Enter' || e.key === 'Tab') && this.at >= 0) this.choose(this.offers[this.at]!);
    else if (e.key === 'Escape') this.close();
    else return;
    e.preventDefault();
  }
}
