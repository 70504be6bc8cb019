import type { RecordedFile } from './messages';
import { cutOffFile, emptyFile, isCutOff } from './problem/recovery';

/** Says before a file is saved that it ends before the recording does, and why; null when it has all of it. `sent`: the server has some of it. */
export function cutOffNotice({ file, endMs, lengthMs }: RecordedFile, sent = true): { title: string; text: string } | null {
  if (file.size === 0) return emptyFile;
  return isCutOff(endMs, lengthMs) ? cutOffFile(endMs, lengthMs, sent) : null;
}
