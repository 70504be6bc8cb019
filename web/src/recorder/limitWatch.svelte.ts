import { boot } from '../lib/boot';
import { approachingLimit, longestClip, stopsAt, type ApproachingLimit, type Extent, type Limits } from './limits';
import { fetchRoom } from './roomLeft';

/** The part of a recording whose limits are watched. */
export interface Limited {
  extent: Extent;
  sent: number; // bytes
  onDisk: number; // bytes
  stop(): void;
}

const WINDOW = 30_000; // ms

/** Watches how near a running recording is to its limits, and stops it at those that end it. */
export class LimitWatch {
  limits = $state.raw<Limits>({ lengthMs: longestClip, bytes: boot.max_upload_bytes || null, workspaceBytes: null, diskBytes: null });
  nearest = $state.raw<ApproachingLimit | null>(null);
  #past: Extent[] = [{ ms: 0, bytes: 0 }];

  /** Begins to watch; returns the function that stops it. */
  follow(recording: Limited, workspaceId: string): () => void {
    const check = setInterval(() => this.#check(recording), 1000);
    const ask = setInterval(() => void this.#ask(recording, workspaceId), 30_000);
    void this.#ask(recording, workspaceId);
    return () => (clearInterval(check), clearInterval(ask));
  }

  #check(recording: Limited) {
    const now = recording.extent;
    this.#past = [...this.#past.filter((e) => now.ms - e.ms <= WINDOW), now];
    this.nearest = approachingLimit(now, this.#past[0]!, this.limits);
    if (this.nearest?.leftMs === 0 && stopsAt(this.nearest.kind)) recording.stop();
  }

  /** What can only be asked for. What nobody answers is not known. */
  async #ask(recording: Limited, workspaceId: string) {
    const room = await fetchRoom(workspaceId);
    this.limits = {
      ...this.limits,
      workspaceBytes: room.workspaceBytes === null ? null : recording.sent + room.workspaceBytes,
      diskBytes: room.diskBytes === null ? null : recording.onDisk + room.diskBytes,
    };
  }
}
