import { wantsScreen, type Mode } from './capture';

/** Why a recording ended although nobody pressed Stop. */
export type EndReason = 'sharing' | 'camera' | 'microphone' | 'devices' | 'encoder' | 'stalled';

export interface Ending {
  reason: EndReason;
  atMs: number;
}

const hasEnded = (stream: MediaStream | null, kind: string) =>
  stream?.getTracks().some((t) => t.kind === kind && t.readyState === 'ended') ?? false;

/** Which of its sources a recording has lost. `devices`: camera and microphone; a screen that ends was the one that is shared. */
export function lostSource(mode: Mode, devices: MediaStream | null): EndReason {
  if (wantsScreen(mode)) return 'sharing';
  const camera = hasEnded(devices, 'video');
  const microphone = hasEnded(devices, 'audio');
  if (camera && microphone) return 'devices';
  if (microphone) return 'microphone';
  return camera ? 'camera' : 'devices';
}
