import { unwrap, api, toProblem, type Clip } from '../lib/api/client';
import { toast } from '../ui/toast.svelte';
import type { Clips } from './clips.svelte';

/** Moves a clip to the trash at once, with a way back. */
export async function trashClip(clip: Clip, list: Clips): Promise<void> {
  list.remove(clip.id);
  try {
    await unwrap(api.DELETE('/clips/{id}', { params: { path: { id: clip.id } } }));
    toast(`“${clip.title}” is in the trash`, 'info', { label: 'Undo', run: () => void restoreClip(clip, list) });
  } catch (e) {
    await list.refresh();
    toast(toProblem(e).detail, 'bad');
  }
}

export async function restoreClip(clip: Clip, list: Clips): Promise<void> {
  try {
    const back = await unwrap(api.POST('/clips/{id}/restore', { params: { path: { id: clip.id } } }));
    list.remove(clip.id);
    list.put(back);
    toast(`“${clip.title}” is back`, 'good');
  } catch (e) {
    toast(toProblem(e).detail, 'bad');
  }
}

/** Runs the step of a clip that failed again. */
export async function retryFailedStep(clip: Clip, list: Clips): Promise<void> {
  const steps = ['upload', 'transcode', 'transcribe', 'index'] as const;
  const step = steps.find((s) => clip.steps[s].state === 'failed');
  if (!step) return;
  try {
    list.put(await unwrap(api.POST('/clips/{id}/retry', { params: { path: { id: clip.id } }, body: { step } })));
    toast('Trying again', 'info');
  } catch (e) {
    toast(toProblem(e).detail, 'bad');
  }
}

export async function copyLink(clip: Clip): Promise<void> {
  try {
    await navigator.clipboard.writeText(clip.share_url);
    toast('Link copied. Your workspace can open it.', 'good');
  } catch {
    toast(`The browser did not allow copying. The link is ${clip.share_url}`, 'bad');
  }
}
