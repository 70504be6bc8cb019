import { unwrap, api, type Segment } from '../lib/api/client';
import { subscribeEvents } from '../lib/live.svelte';

/** What has been understood so far of a clip that is being recorded. */
export class LiveWords {
  segments = $state.raw<Segment[]>([]);

  /** Follows a clip; returns the function that stops it. */
  follow(clipId: string, workspaceId: string): () => void {
    let stopped = false;
    this.segments = [];
    const load = async () => {
      try {
        const { segments } = await unwrap(api.GET('/clips/{id}/transcript', { params: { path: { id: clipId } } }));
        if (!stopped) this.segments = mergeSegment(segments, this.segments);
      } catch {
        // The words are only shown in passing here; the clip's page has them all.
      }
    };
    const stop = subscribeEvents(
      workspaceId,
      {
        'transcript.segment': (e) => {
          if (e.clip_id === clipId && e.segment) this.segments = mergeSegment(this.segments, [e.segment]);
        },
        resync: load,
      },
      clipId,
    );
    void load();
    return () => {
      stopped = true;
      stop();
    };
  }
}

/** Both lists in the order of time; of two with the same id, the second list's. */
export function mergeSegment(a: Segment[], b: Segment[]): Segment[] {
  const byId = new Map([...a, ...b].map((s) => [s.id, s]));
  return [...byId.values()].sort((x, y) => x.start_ms - y.start_ms || x.end_ms - y.end_ms);
}
