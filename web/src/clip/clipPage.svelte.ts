import { untrack } from 'svelte';
import { Comments } from '../comments/comments.svelte';
import { commentMarker } from '../comments/marker';
import { ClipReactions } from '../comments/reactions.svelte';
import { commentAt } from '../comments/tree';
import type { Clip } from '../lib/api/client';
import type { Boot } from '../lib/boot';
import { subscribeEvents } from '../lib/live.svelte';
import { loadStored, saveStored } from '../lib/storage';
import { Playback } from '../player/playback.svelte';
import type { ReactionMark } from '../player/timeline';
import { ReplyController } from '../replies/replying.svelte';
import { LinkDraft } from '../share/linkDraft.svelte';
import { Links } from '../share/links.svelte';
import { parseTime } from '../share/url';
import { TranscriptEditor } from '../transcript/editor.svelte';
import { TranscriptStore } from '../transcript/transcript.svelte';
import { toast } from '../ui/toast.svelte';
import { ClipStore } from './clip.svelte';
import { syncSilences, trackWatched } from './clipEffects.svelte';
import { reportViews } from './reportViews';
import { WatchedRanges } from './views';

export type Tab = 'comments' | 'transcript';

const readAfter = 10_000; // ms with the transcript open after which it counts as read

/** The state of one clip's page: its stores, kept current by live events, and the tab beside the player. */
export class ClipPage {
  readonly first: Clip;
  readonly me: Boot['me'];
  readonly share: Boot['share'];
  readonly store: ClipStore;
  readonly playback: Playback;
  readonly transcript: TranscriptStore;
  readonly editor: TranscriptEditor;
  readonly comments: Comments;
  readonly reactions: ClipReactions;
  readonly links: Links;
  readonly linkDraft = new LinkDraft();
  readonly watched = new WatchedRanges();
  /** Records replies; null for visitors by link, who have no workspace to record into. */
  readonly replies: ReplyController | null;
  /** The link this page was opened by does not allow comments: they are neither loaded nor shown. */
  readonly commentsOff: boolean;

  tab = $state<Tab>('comments');
  transcriptRead = $state(false);

  /** Open comments on a moment that this visitor may watch. */
  pinned = $derived.by(() => (this.commentsOff ? [] : this.comments.all.filter((c) => this.#isPinned(c))));
  markers = $derived.by(() => this.pinned.map(commentMarker));
  reactionMarks = $derived.by(() => this.#reactionMarks());
  /** Id of the comment whose moment is playing. */
  currentComment = $derived.by(() => (this.playback.started ? commentAt(this.pinned, this.playback.time * 1000)?.id : undefined));

  constructor(first: Clip, me: Boot['me'], share: Boot['share']) {
    this.first = first;
    this.me = me;
    this.share = share;
    this.store = new ClipStore(first);
    this.playback = new Playback(first.duration_ms);
    this.transcript = new TranscriptStore(first.id);
    this.editor = new TranscriptEditor(this.transcript, (e) => toast(e.detail, e.status === 409 ? 'info' : 'bad'));
    this.comments = new Comments(first.id, me?.user ?? null);
    this.comments.guest = me ? null : (share?.guest ?? null);
    this.reactions = new ClipReactions(first.id, () => this.comments.viewerName);
    this.links = new Links(first.id);
    this.replies = me && !share ? new ReplyController(first) : null;
    this.commentsOff = share !== null && !share.allow_comments;
    this.tab = this.commentsOff || loadStored<string>('tab', 'comments') === 'transcript' ? 'transcript' : 'comments';

    const start = startTime(share);
    if (start !== null) this.playback.startAt(start);
    this.load();
  }

  /** Loads what belongs to the clip: transcript, comments, reactions and links. */
  load = (): void => {
    void this.transcript.load();
    if (!this.commentsOff) {
      void this.comments.load();
      void this.reactions.load();
    }
    if (this.store.clip.can.share) void this.links.load();
  };

  chooseTab = (tab: Tab): void => {
    this.tab = tab;
    saveStored('tab', tab);
  };

  /** Keeps the page current and reports views while the component that calls it is mounted. */
  runEffects(): void {
    $effect(() => this.#follow());
    syncSilences(this.store, this.transcript, this.playback);
    $effect(() => {
      const state = this.store.clip.steps.transcribe.state;
      untrack(() => this.transcript.load_state === 'ready' && this.transcript.applyStepState(state));
    });

    trackWatched(this.playback, this.watched);
    $effect(() => {
      if (this.tab !== 'transcript' || this.transcriptRead) return;
      const timer = setTimeout(() => (this.transcriptRead = true), readAfter);
      return () => clearTimeout(timer);
    });
    $effect(() => reportViews(this.first.id, this.watched, () => this.transcriptRead));
  }

  #follow(): () => void {
    const { store, transcript, comments, reactions } = this;
    const refresh = () => void store.refresh().catch(() => undefined); // the next event brings it up to date

    return subscribeEvents(
      this.share ? null : this.first.workspace_id,
      {
        'clip.updated': (e) => (store.applyEvent(e), transcript.onClipUpdated(e)),
        'clip.step': store.applyEvent,
        'transcript.segment': transcript.applySegmentEvent,
        'transcript.updated': transcript.onTranscriptUpdated,
        'comment.created': comments.applyEvent,
        'comment.updated': comments.applyEvent,
        'comment.deleted': comments.applyEvent,
        'reaction.changed': (e) => (comments.applyEvent(e), reactions.applyEvent(e)),
        refused: refresh, // its answer says whether the clip may still be seen
        resync: () => (refresh(), this.load()),
      },
      this.first.id,
    );
  }

  #isPinned(c: Comments['all'][number]): boolean {
    if (c.at_ms === null || !this.playback.isWatchable(c.at_ms)) return false;
    return !c.deleted && !c.hidden && c.resolved_at === null && !c.parent_id && c.sending !== 'failed';
  }

  #reactionMarks(): ReactionMark[] {
    if (this.commentsOff) return [];
    return this.reactions.all.flatMap((r) =>
      r.at_ms === null || !this.playback.isWatchable(r.at_ms) ? [] : [{ at: r.at_ms / 1000, emoji: r.emoji }],
    );
  }
}

/** Where playback starts, in seconds: ?t= of the address, else where the link begins; null for the beginning. */
export function startTime(share: Boot['share']): number | null {
  const fromAddress = parseTime(new URLSearchParams(location.search).get('t'));
  return fromAddress ?? (share?.start_ms == null ? null : share.start_ms / 1000);
}
