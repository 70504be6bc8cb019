import { wantsScreen, type Devices, type Mode } from './capture';

/** Why a recording ended although nobody pressed Stop. */
export type EndReason = 'sharing' | 'camera' | 'microphone' | 'devices' | 'encoder' | 'stalled';

export interface Ending {
  reason: EndReason;
  atMs: number;
}

const isLost = (stream: MediaStream | null, kind: string) => !stream?.getTracks().some((t) => t.kind === kind && t.readyState === 'live'); // a device that is gone is no longer in it

/** What is open of the devices that are recorded. */
interface OpenDevices {
  stream: MediaStream | null;
  wantedDevices: Devices;
}

/** Which of its sources a recording has lost. `devices`: camera and microphone; a screen that ends was the one that is shared. */
export function lostSource(mode: Mode, { stream, wantedDevices }: OpenDevices): EndReason {
  if (wantsScreen(mode)) return 'sharing';
  if (mode === 'voice') return 'microphone';
  if (wantedDevices.microphone === null) return 'camera';
  const [camera, microphone] = [isLost(stream, 'video'), isLost(stream, 'audio')];
  if (camera === microphone) return 'devices';
  return camera ? 'camera' : 'microphone';
}
