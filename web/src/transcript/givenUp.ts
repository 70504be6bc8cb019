import { api, unwrap, type Clip } from '../lib/api/client';

/** Whether the server has given up making a transcript, or a better one than is shown. */
export function transcriptionGivenUp(clip: Pick<Clip, 'steps'>): boolean {
  const { state, failure } = clip.steps.transcribe;
  return failure !== null && (state === 'done' || state === 'failed');
}

/** Has the server try again; the text that is shown stays meanwhile. */
export const retryTranscription = (clip: Pick<Clip, 'id'>): Promise<Clip> =>
  unwrap(api.POST('/clips/{id}/retry', { params: { path: { id: clip.id } }, body: { step: 'transcribe' } }));
