import { api, unwrap } from '../lib/api/client';
import type { LimitKind, Limits } from './limits';

/** How much recording (ms) fits, and which limit is reached first. */
export interface RoomLeft {
  kind: LimitKind;
  ms: number;
}

/** The room for a recording whose encoder makes `rate` bytes a millisecond. */
export function roomLeft(limits: Limits, rate: number): RoomLeft {
  const time = (bytes: number | null) => (bytes === null ? Infinity : Math.max(0, bytes) / rate);
  const all: RoomLeft[] = [
    { kind: 'length', ms: limits.lengthMs },
    { kind: 'bytes', ms: time(limits.bytes) },
    { kind: 'workspaceBytes', ms: time(limits.workspaceBytes) },
    { kind: 'diskBytes', ms: time(limits.diskBytes) },
  ];
  return all.reduce((a, b) => (b.ms < a.ms ? b : a));
}

/** The bytes for which the workspace and this browser have room; null = no limit, or nobody answers. */
export async function fetchRoom(workspaceId: string): Promise<Pick<Limits, 'workspaceBytes' | 'diskBytes'>> {
  const [workspace, disk] = await Promise.all([
    unwrap(api.GET('/workspaces/{ws}', { params: { path: { ws: workspaceId } } })).catch(() => null),
    navigator.storage?.estimate?.().catch(() => null),
  ]);
  return {
    workspaceBytes: workspace?.room_bytes ?? null,
    diskBytes: disk?.quota === undefined ? null : Math.max(0, disk.quota - (disk.usage ?? 0)),
  };
}
