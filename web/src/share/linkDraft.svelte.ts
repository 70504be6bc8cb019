import type { Link } from '../lib/api/client';
import { serverNow } from '../lib/serverClock';
import type { LinkPatch, LinkRequest } from './links.svelte';

export type LinkScope = 'whole' | 'start' | 'snippet';
export type LinkExpiry = 'never' | 'hour' | 'day' | 'week' | 'month' | 'date' | 'same';

const hours: Partial<Record<LinkExpiry, number>> = { hour: 1, day: 24, week: 24 * 7, month: 24 * 30 };
export const maxSnippetMs = 30 * 60_000; // ms, as the server has it

/** A share link being made or changed. It outlives the dialog, which closes while a snippet is chosen in the player. */
export class LinkDraft {
  /** The link being changed; null: a new one. */
  link = $state.raw<Link | null>(null);
  access = $state<Link['access']>('anyone');
  password = $state('');
  ends = $state<LinkExpiry>('never');
  /** For ends === 'date', as an input of type datetime-local has it. */
  date = $state('');
  scope = $state<LinkScope>('whole');
  start = $state(0); // ms
  end = $state(0); // ms
  comments = $state(true);
  download = $state(false);
  /** Whether the snippet is being chosen in the player. */
  picking = $state(false);

  #before = { start: 0, end: 0 }; // the snippet when choosing it in the player began

  /** Begins to choose the snippet in the player. */
  beginPicking(): void {
    this.#before = { start: this.start, end: this.end };
    this.picking = true;
  }

  /** Ends it; unless the choice is used, the snippet is as before. */
  endPicking(use: boolean): void {
    if (!use) Object.assign(this, this.#before);
    this.picking = false;
  }

  reset(): void {
    this.link = null;
    Object.assign(this, {
      access: 'anyone',
      password: '',
      ends: 'never',
      date: '',
      scope: 'whole',
      start: 0,
      end: 0,
      comments: true,
      download: false,
      picking: false,
    });
  }

  edit(l: Link): void {
    this.link = l;
    const scope: LinkScope = l.end_ms !== null ? 'snippet' : l.start_ms !== null ? 'start' : 'whole';
    Object.assign(this, {
      access: l.access,
      password: '',
      ends: l.expires_at ? 'same' : 'never',
      date: '',
      scope,
      start: l.start_ms ?? 0,
      end: l.end_ms ?? 0,
      comments: l.allow_comments,
      download: l.allow_download,
      picking: false,
    });
  }

  /** A first suggestion of a snippet: half a minute from the playhead on, within what there is of the clip. In ms. */
  suggestSnippet(now: number, length: number): void {
    if (this.end > this.start && this.end <= length) return;
    this.start = Math.round(Math.max(0, Math.min(now, length - 1000)));
    this.end = Math.round(Math.min(this.start + 30_000, length));
  }

  /** Why it cannot be saved yet; '' when it can be. */
  get problem(): string {
    if (this.access === 'password' && this.password.length < 4 && (this.link?.access !== 'password' || this.password !== ''))
      return 'The password needs at least four characters.';
    if (this.ends === 'date' && !(Date.parse(this.date) > serverNow())) return 'Choose a time that is still to come.';
    if (this.scope === 'snippet' && this.end <= this.start) return 'The part must end after it begins.';
    if (this.scope === 'snippet' && this.end - this.start > maxSnippetMs) return 'A part may last at most 30 minutes.';
    return '';
  }

  /** The fields that say when it ends; none: as before. A length needs no clock, and a repeated request stays the same. */
  get expiry(): { expires_at?: string | null; expires_in_ms?: number } {
    if (this.ends === 'same') return {};
    if (this.ends === 'date') return { expires_at: new Date(this.date).toISOString() };
    const h = hours[this.ends];
    return h ? { expires_in_ms: h * 3_600_000 } : { expires_at: null };
  }

  #commonFields() {
    const start_ms = this.scope === 'whole' ? null : Math.round(this.start);
    return {
      access: this.access,
      start_ms,
      end_ms: this.scope === 'snippet' ? Math.round(this.end) : null,
      allow_comments: this.comments,
      allow_download: this.download,
    };
  }

  get request(): LinkRequest {
    return {
      ...this.#commonFields(),
      ...this.expiry,
      ...(this.access === 'password' ? { password: this.password } : {}),
    };
  }

  get patch(): LinkPatch {
    return {
      ...this.#commonFields(),
      ...this.expiry,
      ...(this.access === 'password' && this.password ? { password: this.password } : {}),
    };
  }
}
