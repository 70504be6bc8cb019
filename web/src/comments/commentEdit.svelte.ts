export type EditOutcome = 'kept' | 'changed' | 'refused';

/** The editing of one comment. A text that the server does not keep stays in the editor. */
export class CommentEdit {
  open = $state(false);
  /** What was written and the server does not have. */
  unsaved = $state<string>();
  /** The comment was changed during the edit, by another person or in another tab. */
  changed = $state(false);
  /** Counts the times the editor was opened again with another text. */
  round = $state(0);

  readonly #body: () => string;
  readonly #send: (body: string) => Promise<EditOutcome>;
  #base = ''; // the text as it was when editing began

  constructor(body: () => string, send: (body: string) => Promise<EditOutcome>) {
    this.#body = body;
    this.#send = send;
  }

  begin = (): void => {
    this.#base = this.#body();
    this.open = true;
  };

  stop = (): void => {
    this.open = this.changed = false;
    this.unsaved = undefined;
  };

  save = async (body: string): Promise<void> => {
    if (body === this.#body()) return this.stop();
    if (this.#body() !== this.#base) return this.#reopen(body, true);

    this.open = false;
    const outcome = await this.#send(body);
    if (outcome === 'kept') this.stop();
    else this.#reopen(body, outcome === 'changed');
  };

  #reopen(body: string, changed: boolean): void {
    this.#base = this.#body();
    this.unsaved = body;
    this.changed = changed;
    this.open = true;
    this.round++;
  }
}
