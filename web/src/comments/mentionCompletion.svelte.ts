import { mentionAt } from './mentions';
import type { MentionSearch, Person } from './mentionSearch.svelte';

type Typed = NonNullable<ReturnType<typeof mentionAt>>;

/** The list of people that opens while a mention is typed, with the keys that choose from it. */
export class MentionCompletion {
  /** Index of the person that is chosen by Enter. */
  choice = $state(0);
  #typed = $state.raw<Typed | null>(null);

  readonly #search: () => MentionSearch | undefined;
  readonly #onPick: (typed: Typed, person: Person) => void;

  matches = $derived.by(() => (this.#typed ? (this.#search()?.matches ?? []) : []));

  constructor(search: () => MentionSearch | undefined, onPick: (typed: Typed, person: Person) => void) {
    this.#search = search;
    this.#onPick = onPick;
  }

  /** Searches people when a mention is being typed at the caret. */
  update(text: string, area: HTMLTextAreaElement | undefined): void {
    const search = this.#search();
    if (!search || !area) return;
    this.#typed = area.selectionStart === area.selectionEnd ? mentionAt(text, area.selectionStart) : null;
    this.choice = 0;
    if (this.#typed) void search.search(this.#typed.q);
    else search.clear();
  }

  pick = (person: Person): void => {
    const typed = this.#typed;
    if (!typed) return;
    this.#typed = null;
    this.#onPick(typed, person);
    this.#search()?.clear();
  };

  hide = (): void => {
    this.#typed = null;
  };

  close(): void {
    this.#typed = null;
    this.#search()?.clear();
  }

  /** Handles a key while the list is open; returns whether it was one of its keys. */
  handleKey(e: KeyboardEvent): boolean {
    const person = this.matches[this.choice];
    if (!person || e.isComposing) return false;

    const count = this.matches.length;
    if (e.key === 'ArrowDown') this.choice = (this.choice + 1) % count;
    else if (e.key === 'ArrowUp') this.choice = (this.choice - 1 + count) % count;
    else if (e.key === 'Enter' || e.key === 'Tab') this.pick(person);
    else if (e.key === 'Escape') this.hide();
    else return false;

    e.preventDefault();
    e.stopPropagation();
    return true;
  }
}
