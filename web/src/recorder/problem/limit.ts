/** What is said while a recording comes near to a limit. */
import { formatBytes, formatClock } from '../../lib/time';
import type { ApproachingLimit, Limits } from '../limits';

export function limitNotice({ kind, leftMs }: ApproachingLimit, limits: Limits): string {
  const left = `${formatClock(leftMs)} left: `;
  switch (kind) {
    case 'length':
      return `${left}a clip may be ${limits.lengthMs / 3_600_000} hours long. Come to an end: the recording stops by itself then, and all of it is saved.`;
    case 'bytes':
      return `${left}a recording may have ${formatBytes(limits.bytes ?? 0)}. Come to an end: it stops by itself then, and all of it is saved.`;
    case 'workspaceBytes':
      return `${left}the workspace is almost full. What you record after that stays on this computer until there is room.`;
    case 'diskBytes':
      return `${left}the browser is running out of room on this computer’s disk. After that, keep the tab open until everything is sent.`;
  }
}

/** The same for the ear, by the minute. */
export const minutesLeft = (minutes: number) => `${minutes === 1 ? 'Less than a minute' : `Less than ${minutes} minutes`} left to record.`;
