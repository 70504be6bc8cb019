/** What is said of a recording on its way: to the browser's disk, through proxies, to the server. */
import { formatBytes, formatClock } from '../../lib/time';
import type { Problem } from '../phase';
import type { UploadTrouble } from '../request';

/** The words that become a link where the layout has space for one. */
export const signIn = 'Sign in in another tab';

const causes: Record<UploadTrouble, string> = {
  offline: 'You are offline.',
  unreachable: 'The server cannot be reached.',
  failing: 'The server has trouble.',
  full: 'The server has no space left.',
  busy: 'The server is busy.',
  signed_out: 'Your session has ended.',
};

/** Why nothing can be sent, and that nothing needs to be done. `here`: all of it is on this computer's disk. */
export function troubleNotice(trouble: UploadTrouble, here: boolean): string {
  if (!here && trouble === 'signed_out') return `${causes[trouble]} ${signIn}, and leave this one open: what is not sent yet is only here.`;
  if (!here) return `${causes[trouble]} What is not sent yet is only in this tab: leave it open, and it is sent when this is over.`;
  const go = trouble === 'signed_out' ? `${signIn}, and sending goes on by itself.` : 'Sending goes on by itself when this is over.';
  return `${causes[trouble]} ${go}`;
}

export const fullDisk = 'The browser has no more room on this computer’s disk. Keep the tab open until everything is sent.';

export const noCopy = 'This browser keeps no copy on the computer: leave the tab open until everything is sent.';

export const restIsComing = 'The rest is on this computer and on its way.';

/** Says that a proxy refused a part of so many bytes, and that nothing needs to be done; '' for 0. */
export const proxyLimitNotice = (bytes: number) =>
  bytes ? `The proxy in front of the server takes less than ${formatBytes(bytes)} in one request: smaller parts are sent.` : '';

type KnownMedia = { durableMs: number; recordedMs: number };

/** How much of the recording the server has: seconds where they are known. */
export const sentAmount = (media: KnownMedia | null, bytes: { durable: number; recorded: number }) =>
  media
    ? `${formatClock(media.durableMs)} of ${formatClock(media.recordedMs)}`
    : `${formatBytes(bytes.durable)} of ${formatBytes(bytes.recorded)}`;

/** What the server does not have yet. */
const unsentAmount = (bytes: number, media: KnownMedia | null) =>
  media ? formatClock(media.recordedMs - media.durableMs) : formatBytes(bytes);

/** Beside the clock: where the bytes are, in a few words. */
export const savedWords = {
  starting: 'Starting…',
  saved: (media: { durableMs: number } | null, bytes: number) =>
    `Saved, ${media ? `${formatClock(media.durableMs)} (${formatBytes(bytes)})` : formatBytes(bytes)}`,
  savedOf: (media: KnownMedia | null, bytes: { durable: number; recorded: number }) => `Saved ${sentAmount(media, bytes)}`,
  kept: (toSend: number, media: KnownMedia | null = null) =>
    toSend ? `Kept on this computer, ${unsentAmount(toSend, media)} to send` : 'Kept on this computer',
  onlyHere: 'Only in this tab',
  onlyInTab: (bytes: number) => `${formatBytes(bytes)} only in this tab`,
  onlyInMemory: (bytes: number) => `${formatBytes(bytes)} only in memory`,
};

/** Below the link to the clip. `live`: it is being recorded, and sent. */
export const shareNotice = (live: boolean) =>
  live ? 'It works while you record: who opens it watches a few seconds behind you.' : 'Who opens it sees what has reached the server.';

/** Says where a refused recording is. `here`: all of it is on this computer's disk. */
export const keptNotice = (here: boolean, live: boolean) =>
  here
    ? `Everything you recorded is kept on this computer${live ? ', and you can go on recording' : ''}.`
    : `What you recorded is only in this tab: leave it open${live ? ', stop soon,' : ''} and save it as a file.`;

/** The server has no space, which it may have again at any time. */
export const serverFull = (here: boolean): Problem => ({
  code: 'storage_full',
  title: 'The server has no space left',
  text: `${keptNotice(here, true)} Sending goes on by itself when there is some.`,
});

const titles: Record<string, string> = {
  quota: 'The workspace is full',
  too_large: 'The recording is larger than this server takes',
  proxy_limit: 'A proxy keeps the recording from the server',
  trashed: 'The clip was put in the trash',
  no_access: 'You no longer have access to this workspace',
  unsupported_media: 'The server does not recognise the recording',
  gone: 'The server has closed this recording',
  not_found: 'The server does not know this recording',
  forbidden: 'You may not add clips to this workspace',
  lost: 'A part of the recording is gone',
  busy: 'Another tab is busy with this recording',
  failed: 'It could not be sent',
};

/** A refusal of the server, with what can be done about it. */
export const refusal = (code: string, message: string): Problem => ({
  code,
  title: titles[code] ?? 'The server did not take the recording',
  text: whatToDo(code, message.trim(), 'save'),
  whileLive: whatToDo(code, message.trim(), 'stop and save'),
});

/** What is said below the title of a refusal. `here`: all of it is on this computer's disk; `live`: it is still being recorded. */
export function refusedText(why: Problem, here: boolean, live: boolean): string {
  const todo = (live && why.whileLive) || why.text;
  return why.code === 'lost' ? todo : `${keptNotice(here, live)} ${todo}`;
}

/** `save`: a file can be saved once the recorder has stopped. */
function whatToDo(code: string, message: string, save: 'save' | 'stop and save'): string {
  const saveIt = `${capitalized(save)} it as a file`;
  switch (code) {
    case 'gone':
      return 'Nothing came for a long time, so the server kept what it had. Send all of it as a new clip.';
    case 'not_found':
      return 'It was deleted, or somebody else is signed in. You can send it as a new clip.';
    case 'quota':
      return `${message} Try again when somebody has deleted clips, or the limit was raised by whoever runs the server.`.trim();
    case 'too_large':
      return `${message} ${saveIt}; the clip on the server ends where the limit was reached.`.trim();
    case 'trashed':
      return 'Bring it back to go on in it, or send all of the recording as a new clip.';
    case 'no_access':
      return `You were removed from it, or it was closed. ${saveIt}, or try again when you have been let in.`;
    case 'forbidden':
      return `Your role there no longer allows it. ${saveIt}, or try again when you have the right to.`;
    case 'unsupported_media':
      return `${message} ${saveIt}.`.trim();
    case 'proxy_limit':
      return `${message} Then try again, or ${save} the recording as a file.`.trim();
    case 'lost':
      return `${saveIt} to have what is left; the clip has what was sent.`;
    case 'busy':
      return 'Go on there, or close that tab and try again.';
    case 'failed':
      return `A part of the recorder failed. Try again, or ${save} the recording as a file.`;
  }
  return `${message} Try again, or ${save} the recording as a file.`.trim();
}

const capitalized = (s: string) => s.charAt(0).toUpperCase() + s.slice(1);
