import { untrack } from 'svelte';
import type { Playback } from '../player/playback.svelte';
import type { TranscriptStore } from '../transcript/transcript.svelte';
import type { ClipStore } from './clip.svelte';
import type { WatchedRanges } from './views';

// Effects that every player of a clip needs. Each is called once while a component is initialised.

/** Records what is watched while it plays. */
export function trackWatched(playback: Playback, watched: WatchedRanges): void {
  $effect(() => {
    if (playback.paused) watched.endRange();
    else watched.addPosition(playback.time, playback.rate);
  });
}

/** Lets the player skip the silences of the transcript, which are known once the clip is transcoded. */
export function syncSilences(store: ClipStore, transcript: TranscriptStore, playback: Playback): void {
  let transcoded = store.clip.steps.transcode.state === 'done';
  $effect(() => {
    if (store.clip.steps.transcode.state !== 'done' || transcoded) return;
    transcoded = true;
    untrack(() => void transcript.load());
  });

  $effect(() => {
    playback.silences = transcript.silences.map((s) => ({ start: s.start_ms / 1000, end: s.end_ms / 1000 }));
  });
}
