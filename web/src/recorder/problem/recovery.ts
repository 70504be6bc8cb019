/** What is said of recordings that were cut off, and of what is saved or thrown away of any. */
import { formatBytes, formatClock, formatDuration } from '../../lib/time';
import { heldMs, type Meta } from '../meta';

/** Chunks end between two pictures, and the clock runs on meanwhile: less than this is no cut. */
const TOLERANCE = 1500; // ms

const kinds = { screen: 'screen', camera: 'camera', screen_camera: 'screen and camera', voice: 'voice' };

export const recoveryTitle = (meta: Pick<Meta, 'title' | 'kind'>) =>
  `${meta.title.trim() || `A ${kinds[meta.kind]} recording`} was cut off`;

/** How much there is of it, where, and what is missing. `ago` is its time, in words. */
export function recoveryText(meta: Meta, bytes: number, ago: string): string {
  const size = [meta.lengthMs >= 1000 && `about ${formatDuration(meta.lengthMs)}`, formatBytes(bytes)]
    .filter((s) => s !== false)
    .join(', ');
  const where = meta.clipId ? 'and goes on where the server left off' : 'and has not reached the server yet';
  return `From ${ago}, ${size}. It is kept on this computer ${where}.${cutText(meta)}`;
}

function cutText(meta: Meta): string {
  if (meta.lengthMs - heldMs(meta) < TOLERANCE) return '';
  const rest = meta.clipId ? 'of the rest there is what had been sent' : 'the rest is lost';
  return ` The browser had no more room on this computer from ${formatClock(heldMs(meta))} on: ${rest}.`;
}

export const recovered = { title: 'Your recording is safe', text: 'All of it is on the server.' };

export const sendingRest = 'Sending what is missing…';

export const canClosePage =
  'You may also close this page: the recording stays on this computer, and this page offers to send it when you come back.';

export const keptUntilEnd = 'What was recorded up to there is kept.';

/** Said before a file is saved that ends before the recording does: `endMs` of `lengthMs`. `sent`: the server has what follows. */
export const cutOffFile = (endMs: number, lengthMs: number, sent = true) => ({
  title: `This file ends at ${formatClock(endMs)} of ${formatClock(lengthMs)}`,
  text: `The browser had no more room for the recording on this computer. ${sent ? 'What follows was sent to the server, and is not in the file.' : 'What was recorded up to there is in the file; what followed is lost.'}`,
});

export const emptyFile = {
  title: 'Nothing of it is left on this computer',
  text: 'The server has what was sent of it. What is missing there is sent when the server can be reached: leave this tab open.',
};

export const noFile = 'This browser keeps no copy of it on the computer. Open the clip for what was sent.';

export const isCutOff = (endMs: number, lengthMs: number) => lengthMs - endMs >= TOLERANCE;

const meanwhile = (isPaused: boolean) => (isPaused ? '' : ' Recording goes on until you answer.');

/** Asked before something is thrown away; while it is being recorded the server has some of it, too. `continues`: it goes on in a clip. */
export const discardQuestion = (lengthMs: number, phase: 'recording' | 'paused' | 'stopped', continues = false) => ({
  title: 'Discard this recording?',
  text: continues
    ? `${formatDuration(lengthMs)} will be gone. The clip is kept as it was before you went on.${meanwhile(phase !== 'recording')}`
    : `${formatDuration(lengthMs)} will be gone${phase === 'stopped' ? '' : ', here and on the server'}.${meanwhile(phase !== 'recording')}`,
  action: 'Discard',
});

export const restartQuestion = (lengthMs: number, isPaused: boolean) => ({
  title: 'Start over?',
  text: `The ${formatDuration(lengthMs)} recorded so far will be discarded, and the link with them.${meanwhile(isPaused)}`,
  action: 'Start over',
});

export const discardRecoveryQuestion = {
  title: 'Discard what was recorded?',
  text: 'It will be gone, on this computer and on the server.',
  action: 'Discard',
};
