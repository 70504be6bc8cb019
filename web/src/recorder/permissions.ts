import type { Devices } from './capture';
import type { DeviceKind } from './devices';

async function queryPermission(kind: DeviceKind): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: kind as PermissionName });
  } catch {
    return null; // a browser that does not tell
  }
}

/** Whether what is wanted may be used without a question of the browser. Where it does not tell, it asks when recording starts. */
export async function hasPermission(wanted: Devices): Promise<boolean> {
  const kinds = (['camera', 'microphone'] as const).filter((kind) => wanted[kind] !== null);
  const states = await Promise.all(kinds.map(queryPermission));
  return states.length > 0 && states.every((s) => s?.state === 'granted');
}

/** A refusal, when the browser remembers that this kind of device was refused. */
export async function rememberedRefusal(kind: DeviceKind): Promise<DOMException | null> {
  return (await queryPermission(kind))?.state === 'denied' ? new DOMException('', 'NotAllowedError') : null;
}

/** Calls when the person allows or forbids a device in the browser's own settings. */
export async function watchPermissions(onchange: () => void, signal: AbortSignal) {
  for (const kind of ['camera', 'microphone'] as const) {
    const status = await queryPermission(kind);
    status?.addEventListener?.('change', onchange, { signal });
  }
}
