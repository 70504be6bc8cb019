import { formatClock } from '../lib/time';
import type { RecordedFile } from './messages';

/** Chunks end between two pictures, and the clock runs on meanwhile: less than this is no cut. */
const TOLERANCE = 1500; // ms

/** Says before a file is saved that it ends before the recording does, and why; null when it has all of it. */
export function cutOffNotice({ file, endMs, lengthMs }: RecordedFile): { title: string; text: string } | null {
  if (file.size === 0)
    return {
      title: 'Nothing of it is left on this computer',
      text: 'The server has what was sent of it. What is missing there is sent when the server can be reached: leave this tab open.',
    };
  if (lengthMs - endMs < TOLERANCE) return null;
  return {
    title: `This file ends at ${formatClock(endMs)} of ${formatClock(lengthMs)}`,
    text: 'The browser had no more room for the recording on this computer. What follows was sent to the server, and is not in the file.',
  };
}
