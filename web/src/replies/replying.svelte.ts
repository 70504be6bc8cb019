import { boot } from '../lib/boot';
import type { Clip } from '../lib/api/client';
import { corner } from '../recorder/layout';
import { Inputs } from '../recorder/inputs.svelte';
import { Recording } from '../recorder/recording.svelte';

export type ReplyMode = 'voice' | 'camera';

/** The thread a reply goes to: that of a comment, or a new one at a second (ms; null: about the whole clip). */
export interface ReplyTarget {
  comment: { id: string; name: string } | null;
  at: number | null;
}

/** A reply that is being recorded. */
export class ReplySession {
  readonly rec: Recording;
  readonly inputs: Inputs;
  #leave = new AbortController();

  constructor(
    clip: Pick<Clip, 'id' | 'workspace_id'>,
    readonly mode: ReplyMode,
    readonly target: ReplyTarget,
  ) {
    this.inputs = new Inputs(() => true, mode);
    const reply = { commentId: target.comment?.id ?? null, clipId: clip.id, atMs: target.at };
    this.rec = new Recording({ userId: boot.me?.user.id ?? '', workspaceId: clip.workspace_id, reply }, this.inputs);
  }

  /** Opens microphone and camera. Voice counts down at once; with the camera the viewer sees the picture first. */
  async begin(): Promise<void> {
    await this.inputs.begin(this.#leave.signal);
    if (this.#leave.signal.aborted) return;
    if (this.mode === 'voice') await this.start();
    else await this.inputs.open().catch(() => undefined); // it says so itself
  }

  start = (): Promise<void> => this.rec.start(corner);

  /** Nothing is recorded any more: the devices go dark. */
  end(): void {
    this.rec.cancel();
    this.#leave.abort();
  }
}

/** At most one reply is recorded on a page; it outlives the tab of the page it was begun in. */
export class ReplyController {
  session = $state.raw<ReplySession | null>(null);
  #clip: Pick<Clip, 'id' | 'workspace_id'>;

  constructor(clip: Pick<Clip, 'id' | 'workspace_id'>) {
    this.#clip = clip;
  }

  begin(mode: ReplyMode, place: ReplyTarget): void {
    if (this.session) return;
    this.session = new ReplySession(this.#clip, mode, place);
    void this.session.begin();
  }

  close(): void {
    this.session?.end();
    this.session = null;
  }
}
