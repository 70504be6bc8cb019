import { toProblem, type Moment } from '../lib/api/client';
import { toast } from '../ui/toast.svelte';

/** The one moment that plays in the list of results. The player is loaded when the first moment is played. */
export class InlinePlayer<C> {
  playing = $state.raw<{ clip: string; moment: string; ms: number } | null>(null);
  component = $state.raw<C | null>(null);

  readonly #importComponent: () => Promise<{ default: C }>;

  constructor(importComponent: () => Promise<{ default: C }>) {
    this.#importComponent = importComponent;
  }

  /** Name of the moment of a clip that plays. */
  momentOf(clip: string): string | null {
    return this.playing?.clip === clip ? this.playing.moment : null;
  }

  async play(clip: string, m: Moment, name: string): Promise<void> {
    this.playing = { clip, moment: name, ms: m.start_ms };
    try {
      this.component ??= (await this.#importComponent()).default;
    } catch (e) {
      this.playing = null;
      toast(toProblem(e).detail, 'bad');
    }
  }

  /** Closes the player; returns the name of the moment that played. */
  close(): string | undefined {
    const moment = this.playing?.moment;
    this.playing = null;
    return moment;
  }
}
