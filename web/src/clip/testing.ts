import type { Clip } from '../lib/api/client';

/** A finished clip for tests. */
export function clipOf(fields: Partial<Clip> = {}): Clip {
  const done = { state: 'done', progress: 1, failure: null } as const;
  return {
    id: '01JD0000000000000000000000', workspace_id: '01JD0000000000000000000001', channel_id: null, author: { id: '01JD0000000000000000000002', name: 'Lena Okafor', avatar_url: null },
    kind: 'screen_camera', title: 'Onboarding rebuild', description: '', tags: [], visibility: 'workspace', state: 'ready', failure: null,
    created_at: '2026-11-01T10:00:00.000Z', recorded_at: '2026-11-01T10:01:00.000Z', duration_ms: 60_000, width: 1280, height: 720,
    steps: { upload: { state: 'done', bytes: 1_000_000, failure: null }, transcode: done, transcribe: done, index: { state: 'done', failure: null } },
    media: {
      master: null, video: null, audio: null, original: null, poster: null, preview: null, storyboard: null, storyboard_vtt: null, peaks: null,
      captions_vtt: null, captions_srt: null, captions_txt: null, captions_json: null,
    },
    language: null, counts: { comments: 0, reactions: 0, views: 0 }, share_url: 'https://t.example/c/01JD0000000000000000000000', upload_url: null, reply_to_comment_id: null, reply_to_clip_id: null,
    ended_early: false, at_risk: false, trashed_at: null, can: { comment: true, edit: true, share: true, delete: true, download: true }, version: 1, ...fields,
  };
}
