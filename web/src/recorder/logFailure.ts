import { CaptureError } from './capture';
import type { Problem } from './phase';
import { captureProblem, type Asked } from './problem';

/** What the browser says of a failure goes to its console, for a report: on the page it would help nobody. */
export const logFailure = (what: string, error: unknown) => console.warn(`tidings: ${what}`, error);

/** Why devices or a screen could not be opened, or null when the person simply closed the browser's picker. */
export function explainCapture(e: unknown, asked: Asked): Problem | null {
  const reason = e instanceof CaptureError ? e.reason : e;
  const why = captureProblem(reason, asked);
  if (why) logFailure(why.title, reason);
  return why;
}
