import type { Clip } from '../lib/api/client';

/** A clip that is simply there, for tests. */
export function exampleClip(changes: Partial<Clip> = {}): Clip {
  const done = { state: 'done' as const, progress: 1, failure: null };
  return {
    id: '01K00000000000000000000001', workspace_id: 'W', channel_id: null, author: { id: 'U1', name: 'Ana Lima', avatar_url: null },
    kind: 'screen', title: 'Harbour plan', description: '', tags: [], visibility: 'workspace', state: 'ready', failure: null,
    created_at: '2026-03-10T12:00:00.000Z', recorded_at: '2026-03-10T12:01:00.000Z', duration_ms: 60_000, width: 1280, height: 720,
    steps: { upload: { state: 'done', bytes: 1000, failure: null }, transcode: done, transcribe: done, index: { state: 'done', failure: null } },
    media: { master: null, video: null, audio: null, original: null, poster: null, preview: null, storyboard: null, storyboard_vtt: null, peaks: null, captions_vtt: null, captions_srt: null, captions_txt: null, captions_json: null },
    language: null, counts: { comments: 0, reactions: 0, views: 0 }, share_url: 'http://localhost/c/01K00000000000000000000001', upload_url: null, reply_to_comment_id: null, reply_to_clip_id: null,
    ended_early: false, at_risk: false, trashed_at: null, can: { comment: true, edit: true, share: true, delete: true, download: true }, version: 1,
    ...changes,
  };
}
