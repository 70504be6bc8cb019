export type ToastKind = 'info' | 'good' | 'bad';
export type ToastAction = { label: string; run: () => void };
export type ToastEntry = { id: number; text: string; kind: ToastKind; action?: ToastAction };

const shownFor = 5_000; // ms
const actionShownFor = 9_000; // ms, for what has an action or reports a failure
const maxToasts = 3;

class Toasts {
  list = $state<ToastEntry[]>([]);
  #made = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  add(text: string, kind: ToastKind, action?: ToastAction) {
    const entry = { id: ++this.#made, text, kind, action };
    for (const old of this.list.slice(0, Math.max(0, this.list.length - maxToasts + 1))) this.drop(old.id);
    this.list.push(entry);
    this.#start(entry);
  }

  drop(id: number) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((t) => t.id !== id);
  }

  /** While the pointer or the focus is on the toasts, none disappears. */
  hold() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  release() {
    for (const entry of this.list) this.#start(entry);
  }

  #start(entry: ToastEntry) {
    clearTimeout(this.#timers.get(entry.id));
    const ms = entry.action || entry.kind === 'bad' ? actionShownFor : shownFor;
    this.#timers.set(
      entry.id,
      setTimeout(() => this.drop(entry.id), ms),
    );
  }
}

/** What is shown now; drawn by Toasts.svelte. */
export const toasts = new Toasts();

/** Says something in passing, perhaps with one thing to do about it ("Undo"). */
export function toast(text: string, kind: ToastKind = 'info', action?: ToastAction): void {
  toasts.add(text, kind, action);
}
