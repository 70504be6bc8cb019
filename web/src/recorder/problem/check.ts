/** The sentences of the check before a recording, and of the speaker. */
import { formatBytes } from '../../lib/time';
import type { LimitKind, Limits } from '../limits';
import type { PlayOutcome } from '../playSound';
import { unheardNotice } from '../problem';
import type { RoomLeft } from '../roomLeft';
import type { UploadCheck } from '../uploadCheck';
import { saySomething, unheardBefore } from './start';

/** What is shown of one thing that was checked. */
export interface CheckNotice {
  isWrong: boolean;
  text: string;
}

/** What is known of the microphone before a recording. */
export interface Hearing {
  muted: boolean;
  stalled: boolean;
  heard: boolean;
  silent: boolean;
  level: number;
}

/** Below this even a microphone that was heard before gives nothing at all. */
const NOTHING_RMS = 0.000001;

/** Whether the microphone is heard. */
export function hearingNotice(h: Hearing): CheckNotice & { isHeard: boolean } {
  const wrong = (text: string) => ({ isWrong: true, isHeard: false, text });
  if (h.muted) return wrong('You are muted: press Mute (Alt+Shift+M) to be heard.');
  if (h.stalled) return wrong(unheardNotice({ silent: false, stalled: true, fixed: true }));
  const isGone = h.silent && h.level < NOTHING_RMS;
  if (h.heard && !isGone) return { isWrong: false, isHeard: true, text: 'We can hear you' };
  if (h.silent) return wrong(unheardBefore);
  return { isWrong: false, isHeard: false, text: saySomething };
}

/** Less room (ms of recording) is said loudly. */
export const SHORT_ROOM = 15 * 60_000;

/** How much recording fits. */
export function roomNotice({ kind, ms }: RoomLeft, limits: Limits): CheckNotice {
  if (ms >= SHORT_ROOM) return { isWrong: false, text: `Room for ${roundedTime(ms)}` };
  return { isWrong: true, text: shortRoom(kind, ms < 60_000 ? 'less than a minute' : `about ${roundedTime(ms)}`, limits) };
}

function shortRoom(kind: LimitKind, time: string, limits: Limits): string {
  switch (kind) {
    case 'workspaceBytes':
      return `The workspace has room for ${time} of recording. What comes after that stays on this computer: delete clips that nobody needs, or ask whoever runs the server for more.`;
    case 'diskBytes':
      return `The browser has room for ${time} of recording on this computer’s disk. Free some of it; what does not fit is only in the tab, so keep it open until everything is sent.`;
    case 'bytes':
      return `This server takes recordings of at most ${formatBytes(limits.bytes ?? 0)}: ${time}. Record longer ones in several clips.`;
    case 'length':
      return `A clip may be ${time} long. Record longer ones in several clips.`;
  }
}

/** The length that is given as an example of a recording. */
const EXAMPLE = 10 * 60_000;

/** Whether the connection keeps up with an encoder of `rate` bytes a millisecond; null: nothing is known of it. */
export function connectionNotice(upload: UploadCheck | null, rate: number): CheckNotice | null {
  if (!upload) return null;
  if (upload.trouble !== null) return { isWrong: true, text: troubles[upload.trouble] };
  if (upload.bytesPerMs >= rate) return { isWrong: false, text: 'Connection is fast enough' };
  const after = Math.max(1, Math.round((EXAMPLE * (rate / upload.bytesPerMs - 1)) / 60_000));
  return {
    isWrong: true,
    text: `Your connection is slower than the recording: ${EXAMPLE / 60_000} minutes of it are sent about ${after} min after Stop. Nothing is lost; keep the tab open until then.`,
  };
}

const later = 'You can record: it is kept on this computer, and sent when that is over.';
const troubles: Record<Exclude<UploadCheck['trouble'], null>, string> = {
  offline: `You are offline. ${later}`,
  unreachable: `The server cannot be reached. ${later}`,
  signed_out: 'Your session has ended. Sign in in another tab before you record.',
};

/** What went wrong when a sound was played, or ''. `speaker` is the name of the chosen one. */
export function speakerProblem(outcome: PlayOutcome, speaker: string): string {
  switch (outcome) {
    case 'default':
      return `${speaker || 'The speaker'} could not be used: the sound was played through the default one. Choose another speaker.`;
    case 'failed':
      return 'The sound could not be played: this computer’s sound does not answer. Choose another speaker, or look in its sound settings.';
    case 'played':
      return '';
  }
}

/** Words of the line and of the device panel. */
export const checkWords = {
  microphone: 'Microphone',
  cameraOn: 'Camera on',
  open: (camera: boolean) => `Check ${camera ? 'microphone and camera' : 'your microphone'}`,
  hearYourself: 'Hear yourself',
  speakerBefore: 'For this test and “Hear yourself”; clips play where your system plays sound.',
  speakerWhile: 'Your microphone may record the test tone.',
};

export const echoIsEmpty = 'Nothing was heard yet: say something, then try again.';

/** "4 min", "3 hours": rounded down. */
function roundedTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} hours`;
}
