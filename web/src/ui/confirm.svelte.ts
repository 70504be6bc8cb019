export type Question = { title: string; text: string; action: string; danger?: boolean };

class ConfirmState {
  question = $state<Question | null>(null);
  #answer: ((yes: boolean) => void) | undefined;

  open(question: Question): Promise<boolean> {
    this.reply(false); // a question still open is taken back
    this.question = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  reply(yes: boolean) {
    this.question = null;
    this.#answer?.(yes);
    this.#answer = undefined;
  }
}

/** The question that is open now; drawn by Confirm.svelte. */
export const confirmState = new ConfirmState();

/** Asks for a confirmation; true when it is given. */
export function confirm(question: Question): Promise<boolean> {
  return confirmState.open(question);
}
