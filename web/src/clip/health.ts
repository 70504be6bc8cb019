import type { Health } from '../lib/api/client';
import type { EndNotice } from '../recorder/endNotice';

export const quietLufs = -32; // below, speech is hard to follow
const silentLufs = -60; // below, there is nothing but noise
export const maxDriftMs = 500; // between the lengths of picture and sound

/** What is wrong with a finished recording, a sentence each; empty when nothing is. `said`: what another notice says already. */
export function findFaults(h: Health, said: Pick<EndNotice, 'saysEndsDiffer' | 'namedGaps'> = {}): string[] {
  const hasSound = h.tracks.some((t) => t.type === 'audio');
  const hasPicture = h.tracks.some((t) => t.type === 'video');
  const faults: string[] = [];
  if (hasSound && (h.loudness_lufs === null || h.loudness_lufs < silentLufs))
    faults.push('It is silent: nothing came from the microphone.');
  if (h.clipping) faults.push('The sound is clipped: the microphone was set too loud.');
  const named = (said.namedGaps ?? 0) * h.tracks.length; // the server counts those of each track
  if (h.gaps > named) faults.push(h.gaps === 1 ? 'There is a gap of over a second.' : `There are ${h.gaps} gaps of over a second.`);
  if (!said.saysEndsDiffer && hasSound && hasPicture && Math.abs(h.av_diff_ms) > maxDriftMs) {
    const longer = h.av_diff_ms > 0 ? 'The picture is' : 'The sound is';
    faults.push(`${longer} ${(Math.abs(h.av_diff_ms) / 1000).toFixed(1)} s longer than the ${h.av_diff_ms > 0 ? 'sound' : 'picture'}.`);
  }
  return faults;
}
