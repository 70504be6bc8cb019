import type { Browser } from './problem';
import { recordingType } from './types';

/** What this browser can do, on this address. */
export function browserSupport(): Browser {
  const can = (type: string) => MediaRecorder.isTypeSupported(type);
  return {
    secure: globalThis.isSecureContext,
    devices: typeof navigator.mediaDevices?.getUserMedia === 'function',
    recorder: typeof MediaRecorder === 'function' && recordingType(true, can) !== null && recordingType(false, can) !== null,
    workers: typeof Worker === 'function' && typeof AudioWorkletNode === 'function' && !!navigator.locks,
    screen: typeof navigator.mediaDevices?.getDisplayMedia === 'function',
  };
}
