import type { Clip } from '../lib/api/client';
import { waitsFor } from '../lib/waits';

export type Badge = { text: string; look: 'rec' | 'accent' | 'warn'; live: boolean; detail?: string };

/** The badge of a clip's state on its card; null for a finished clip without news. */
export function clipBadge(clip: Pick<Clip, 'state' | 'failure' | 'steps' | 'at_risk' | 'ended_early' | 'kind'>): Badge | null {
  switch (clip.state) {
    case 'recording':
      if (clip.at_risk)
        return {
          text: 'Upload is silent',
          look: 'warn',
          live: false,
          detail: 'Nothing has arrived for a while. The rest is safe in the browser that records it.',
        };
      return { text: clip.kind === 'file' ? 'Uploading' : 'Recording now', look: 'rec', live: true };
    case 'processing':
      if (waitsFor(clip.steps.transcode)) return waitingBadge(clip.steps.transcode);
      return { text: formatPercent('Processing', clip.steps.transcode), look: 'accent', live: true };
    case 'failed':
      return { text: 'Failed', look: 'warn', live: false, detail: clip.failure ?? 'The reason is not known.' };
    case 'ready':
      return readyBadge(clip);
  }
}

function readyBadge(clip: Pick<Clip, 'steps' | 'ended_early'>): Badge | null {
  const { transcribe } = clip.steps;
  if (transcribe.state === 'running') return { text: formatPercent('Transcribing', transcribe), look: 'accent', live: true };
  if (waitsFor(transcribe)) return waitingBadge(transcribe);
  if (transcribe.state === 'failed') return { text: 'No transcript', look: 'warn', live: false, detail: transcribe.failure ?? undefined };
  if (clip.ended_early)
    return { text: 'Ended early', look: 'warn', live: false, detail: 'The recording stopped coming. What had arrived is kept.' };
  return null;
}

const waitingBadge = (step: { failure: string | null }): Badge => ({
  text: 'Waiting for space',
  look: 'warn',
  live: false,
  detail: step.failure ?? undefined,
});

function formatPercent(word: string, step: { state: string; progress: number }): string {
  const p = Math.floor(step.progress * 100);
  return step.state === 'running' && p > 0 && p < 100 ? `${word} ${p} %` : word;
}
