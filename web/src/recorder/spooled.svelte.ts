import { api, unwrap } from '../lib/api/client';
import type { Destination } from '../lib/destination';
import { loadStored, saveStored } from '../lib/storage';
import { watchClip, type ClipFate } from './clipWatch';
import type { FromSpool, RecordedFile, SpoolMedia } from './messages';
import type { Continues, Meta } from './meta';
import { newMeta, type Owner } from './newMeta';
import { nextSaveState, type SaveEvent } from './nextSaveState';
import { requestPersistence } from './persistence';
import { refusal } from './problem/sending';
import { fileName } from './recover';
import { initialSaveState, type SaveState } from './saved';
import { soundFramesOf } from './soundFrames';
import { SpoolClient } from './spool.client';
import { holdsFragments } from './types';

/** What becomes of a recording that was sent. */
export type SpoolOutcome = Extract<FromSpool, { type: 'refused' | 'done' | 'failed' }>;

/** The side of a recording that is kept and sent: its spool, its clip, and what people give it. */
export abstract class SpooledRecording {
  saveState = $state.raw<SaveState>(initialSaveState);
  clip = $state.raw<{ id: string; shareUrl: string } | null>(null);
  title = $state('');
  /** The spoken language (BCP 47); '' lets the engine detect it. */
  language = $state(loadStored<string>('recorder.language', ''));
  destination = $state.raw<Destination>({ channel_id: null, visibility: 'workspace' });
  id = $state('');
  mime = $state('');
  beganAt = $state(0); // ms since 1970
  fileName = $derived(fileName({ createdAt: this.beganAt, mime: this.mime, title: this.title }));
  /** The recording that this one goes on in; null = it becomes a clip of its own. */
  continues = $state.raw<Continues | null>(null);
  /** Who sees the clip that is continued: so does who is to see what becomes a clip of its own after all. */
  continuedPlace: Destination = { channel_id: null, visibility: 'private' };
  /** Why it became a clip of its own although it was to continue another one; null = it did not. */
  separated: string | null = null;
  isComplete = $state(true); // all bytes are still here, so that it could be sent again

  protected spool: SpoolClient | null = null;
  #followed: MediaStream | null = null; // the spool encodes its sound, too
  protected owner: Owner;

  constructor(owner: Owner) {
    this.owner = owner;
  }

  get workspaceId() {
    return this.owner.workspaceId;
  }

  abstract sendAgain(how: 'retry' | 'renew'): void;

  /** Takes what is known of the media; returns its seconds, or null. */
  protected abstract onMedia(media: SpoolMedia | null): SaveState['media'];
  protected abstract onOutcome(m: SpoolOutcome): void;

  /** Stops sending when the clip is put in the trash or taken away, and goes on when it is back. Returns what stops this. */
  followClip(): (() => void) | undefined {
    const id = this.clip?.id;
    return id ? watchClip(id, this.owner.workspaceId, (fate) => this.#onClipFate(fate)) : undefined;
  }

  #onClipFate(fate: ClipFate) {
    const refused = this.saveState.refusal?.code;
    if (fate === 'kept' && refused === 'trashed') this.sendAgain('retry');
    if (fate !== 'kept' && refused === undefined) this.spool?.post({ type: 'hold', code: fate });
  }

  /** Takes the clip out of the trash; sending goes on by itself. */
  async restoreClip() {
    const id = this.clip?.id;
    if (!id) return;
    await unwrap(api.POST('/clips/{id}/restore', { params: { path: { id } } }));
    this.#onClipFate('kept');
  }

  /** What this computer holds of the recording, on disk and in memory. */
  async exportFile(): Promise<RecordedFile | null> {
    return (await this.spool?.exportFile()) ?? null;
  }

  setLanguage(language: string) {
    this.language = language;
    saveStored('recorder.language', language);
  }

  setTitle(title: string) {
    this.title = title;
    this.spool?.post({ type: 'title', title });
  }

  /** Opens a new spool on disk and a new clip for the recording. */
  protected openSpool(kind: Meta['kind'], mime: string) {
    const id = (this.id = crypto.randomUUID());
    this.mime = mime;
    this.beganAt = Date.now();
    this.isComplete = true;
    this.saveState = { ...initialSaveState, media: { recordedMs: 0, durableMs: 0 } };
    this.clip = null;
    this.separated = this.#followed = null;
    void requestPersistence();
    const spool = new SpoolClient((m) => {
      if (this.spool === spool) this.#onSpoolMessage(m);
      else if (m.type === 'discarded' || m.type === 'failed') spool.close();
    });
    this.spool = spool;
    const { title, language, beganAt: createdAt } = this;
    const continues = this.continues ?? undefined;
    const place = continues ? this.continuedPlace : this.destination;
    spool.post({ type: 'begin', meta: newMeta(id, { ...this.owner, createdAt, place, kind, mime, title, continues }, language) });
  }

  /**
   * Has the spool encode the sound of what is recorded a second time, where the encoder keeps it back for long. `startMs`: where
   * the file is now; null: it is paused.
   */
  protected followSound(stream: MediaStream | null, startMs: number) {
    const wanted = holdsFragments(this.mime) ? stream : null;
    if (wanted === this.#followed) return;
    this.#followed = wanted;
    const frames = wanted && soundFramesOf(wanted);
    const from = frames && { frames, startMs, startedAt: performance.timeOrigin + performance.now() };
    if (from) this.spool?.post({ type: 'sound', from }, [from.frames]);
    else if (!wanted) this.spool?.post({ type: 'sound', from: null });
  }

  /** Gives the present recording up; its worker ends by itself when the server knows. */
  protected discardSpool() {
    const spool = this.spool;
    this.spool = null;
    spool?.post({ type: 'discard' });
    this.clip = null;
    this.saveState = initialSaveState;
  }

  protected onSaveEvent(e: SaveEvent) {
    this.saveState = nextSaveState(this.saveState, e);
  }

  #onSpoolMessage(m: FromSpool) {
    switch (m.type) {
      case 'opened':
        this.onSaveEvent({ on: 'open', disk: m.disk });
        break;
      case 'clip':
        this.clip = { id: m.id, shareUrl: m.shareUrl };
        break;
      case 'standing':
        this.onSaveEvent({ on: 'progress', progress: m, media: this.onMedia(m.media) });
        break;
      case 'separate':
        this.continues = null;
        this.separated = m.why;
        break;
      case 'trouble':
        this.onSaveEvent({ on: 'trouble', trouble: m.trouble });
        break;
      case 'proxy_limit':
        this.onSaveEvent({ on: 'proxyLimit', bytes: m.bytes });
        break;
      case 'refused':
        this.isComplete = m.whole;
        this.onSaveEvent({ on: 'refuse', refusal: refusal(m.code, m.message) });
        this.onOutcome(m);
        break;
      case 'done':
        this.spool?.close();
        this.onOutcome(m);
        break;
      case 'failed':
        this.onOutcome(m);
    }
  }
}
