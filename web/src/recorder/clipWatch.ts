import { api, unwrap, toProblem } from '../lib/api/client';
import { subscribeEvents } from '../lib/live.svelte';

/** What became of the clip of a recording: a server goes on taking the bytes of one in the trash. */
export type ClipFate = 'kept' | 'trashed' | 'not_found';

/** Watches the clip of a recording by live events; returns the function that stops it. */
export function watchClip(clipId: string, workspaceId: string, tell: (fate: ClipFate) => void): () => void {
  let stopped = false;
  const load = async () => {
    const fate = await unwrap(api.GET('/clips/{id}', { params: { path: { id: clipId } } })).then(
      (clip) => (clip.trashed_at ? 'trashed' : 'kept'),
      (e: unknown) => (toProblem(e).status === 404 ? 'not_found' : null), // null: nobody knows at the moment
    );
    if (fate && !stopped) tell(fate);
  };
  const check = () => void load();
  const stop = subscribeEvents(
    workspaceId,
    {
      'clip.updated': (e) => {
        if (e.clip_id !== clipId) return;
        if (e.clip) tell(e.clip.trashed_at ? 'trashed' : 'kept');
        else check();
      },
      resync: check,
      refused: check,
    },
    clipId,
  );
  return () => {
    stopped = true;
    stop();
  };
}
