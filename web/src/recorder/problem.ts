import { parseUserAgent } from '../lib/agent';
import { formatClock } from '../lib/time';
import type { ClockCheck } from './clockCheck';
import type { DeviceKind, DeviceState } from './devices';
import { noticedGaps, type Restart } from './encoderState';
import type { EndNotice } from './endNotice';
import type { Ending, EndReason } from './endReason';
import type { Problem } from './phase';
import { restartNotice } from './problem/encoder';

/** What the recorder needs of a browser; each thing that is missing is said in words. */
export interface Browser {
  secure: boolean;
  devices: boolean; // getUserMedia
  recorder: boolean; // MediaRecorder and a file type it can write
  workers: boolean;
  screen: boolean; // getDisplayMedia
}

/** What keeps this browser from recording at all, or null. `address` is that of the page. */
export function unsupported(b: Browser, address: string): Problem | null {
  if (!b.secure)
    return {
      code: 'insecure',
      title: 'This address is not secure, so the browser keeps camera and microphone shut',
      text: `Browsers record only over HTTPS or on localhost, and this page came from ${address}. Open Tidings by its https:// address, or ask whoever runs it to set one up.`,
    };
  if (!b.devices || !b.recorder || !b.workers)
    return {
      code: 'unsupported',
      title: 'This browser cannot record',
      text: 'Use a current Chrome, Edge, Firefox or Safari.',
    };
  return null;
}

/** What was asked for when it went wrong. */
export type Asked = { screen: true } | { screen: false; camera: boolean; microphone: boolean };

/**
 * Why capturing did not work (https://www.w3.org/TR/mediacapture-streams/#methods-5), or null when the person
 * simply closed the browser's picker.
 */
export function captureProblem(e: unknown, asked: Asked, agent = navigator.userAgent): Problem | null {
  const name = e instanceof Error || e instanceof DOMException ? e.name : '';
  if (asked.screen) return screenProblem(name);
  const what = asked.camera && asked.microphone ? 'camera and microphone' : asked.camera ? 'camera' : 'microphone';
  const one = asked.camera && asked.microphone ? 'camera or microphone' : what;
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        code: 'not_allowed',
        title: `Tidings may not use your ${what}`,
        text: undoDenial(what, e instanceof Error ? e.message : '', agent),
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { code: 'not_found', title: `No ${one} was found`, text: 'Connect one and try again, or choose another way to record.' };
    case 'NotReadableError':
    case 'AbortError':
      return { code: 'busy', title: `Your ${one} is busy`, text: 'Another program or tab may be using it. Close that, then try again.' };
  }
  return {
    code: 'capture',
    title: `Your ${one} could not be started`,
    text: 'Try again, or choose another one; if that does not help, start the browser again.',
  };
}

/** How a refused permission is given after all, in this browser. */
function undoDenial(what: string, message: string, agent: string): string {
  const { browser, system, handheld } = parseUserAgent(agent);
  if (/system/i.test(message)) {
    const where =
      { macOS: 'System Settings, Privacy & Security', Windows: 'Settings, Privacy & security' }[system] ?? 'the privacy settings';
    return `Your computer keeps the ${what} from the browser. Allow it in ${where}, then start the browser again.`;
  }
  const elsewhere = 'If nothing is blocked there, look in your computer’s privacy settings.';
  if (browser === 'Firefox')
    return `Click the crossed-out icon to the left of the address, remove “Blocked” at the ${what}, and try again. ${elsewhere}`;
  if (browser === 'Safari')
    return handheld
      ? `Tap the icon beside the address, open the website settings, allow the ${what}, and try again.`
      : `In the menu Safari, open “Settings for This Website”, allow the ${what}, and try again. ${elsewhere}`;
  return `Click the icon to the left of the address, allow the ${what}, and try again. ${elsewhere}`;
}

function screenProblem(name: string): Problem | null {
  switch (name) {
    case 'NotAllowedError':
      return null;
    case 'NotReadableError':
    case 'AbortError':
      return {
        code: 'busy',
        title: 'That screen or window could not be recorded',
        text: 'Your system may not allow it: on a Mac, allow your browser in System Settings, Privacy, Screen Recording. Or share something else.',
      };
  }
  return { code: 'capture', title: 'Sharing the screen did not work', text: 'Try again, or share another window or tab.' };
}

export const cannotStart: Problem = {
  code: 'recorder',
  title: 'The browser could not start recording',
  text: 'Nothing was recorded. Try again, or another way to record; if that does not help, start the browser again.',
};

/** The part that keeps and sends recordings failed. `here`: all of it is on this computer's disk. */
export const brokenRecorder = (here: boolean): Problem => ({
  code: 'recorder',
  title: 'The recorder broke off',
  text: here
    ? 'A part of it failed. What was recorded up to there is kept on this computer: load this page again to send it, or save it as a file.'
    : 'A part of it failed. The clip has what was sent up to there; the rest is only in this tab: save it as a file before you leave it.',
});

/** The part that keeps and sends recordings did not load, so there is nothing to be saved. */
export const notLoaded: Problem = {
  code: 'not_loaded',
  title: 'Nothing was recorded',
  text: 'A part of the recorder did not load. Load this page again when the server can be reached, and record once more.',
};

export const nothingRecorded: Problem = {
  code: 'nothing_recorded',
  title: 'Nothing was recorded',
  text: 'The browser’s encoder gave nothing. Try again, or use a current Chrome, Edge or Firefox.',
};

const endings: Record<EndReason, string> = {
  sharing: 'Sharing was stopped',
  camera: 'Your camera was disconnected',
  microphone: 'Your microphone was disconnected',
  devices: 'Camera and microphone were disconnected',
  encoder: 'The browser’s encoder failed',
  stalled: 'The browser’s encoder gave nothing for too long',
};

/** What ended a recording, with when. */
export const endingTitle = ({ reason, atMs }: Ending) => `${endings[reason]} at ${formatClock(atMs)}.`;

const seconds = (ms: number) => `${(Math.abs(ms) / 1000).toFixed(1)} s`;

/** How a recording differs from what it should be, in sentences. */
export function clockNotice(c: ClockCheck): string {
  return [
    c.lacksPicture && 'It has no picture.',
    c.lacksSound && 'It has no sound.',
    c.missingMs > 0 && `It is ${seconds(c.missingMs)} shorter than the recorder’s clock showed.`,
    c.missingMs < 0 && `It is ${seconds(c.missingMs)} longer than the recorder’s clock showed.`,
    c.soundBehindMs > 0 && `Its sound ends ${seconds(c.soundBehindMs)} before its picture.`,
    c.soundBehindMs < 0 && `Its picture ends ${seconds(c.soundBehindMs)} before its sound.`,
  ]
    .filter((s) => s !== false)
    .join(' ');
}

/** What the page of a clip says of how its recording ended, or null when all is as it should be. */
export function endNotice(ending: Ending | null, check: ClockCheck | null, restarts: Restart[] = []): EndNotice | null {
  const byEncoder = ending?.reason === 'encoder' || ending?.reason === 'stalled';
  const differs = [restartNotice(restarts, { byEncoder }), check ? clockNotice(check) : ''].filter(Boolean).join(' ');
  if (!ending && !differs) return null;
  const said = { saysEndsDiffer: check !== null && check.soundBehindMs !== 0, namedGaps: noticedGaps(restarts) };
  if (!ending) return { title: 'Look at this recording before you share it.', text: differs, isUnexpected: false, ...said };
  return { title: endingTitle(ending), text: `Everything up to there is saved. ${differs}`.trim(), isUnexpected: true, ...said };
}

export interface DeviceNotice {
  tone: 'warn' | 'danger';
  text: string;
  /** A device that can be gone back to. */
  back: { id: string; label: string } | null;
}

/**
 * What is said of a device that is not as it should be, or null. `idle`: nothing is recorded yet; `fixed`: what is
 * recorded cannot go on from another one; `silent`: no sound is recorded either; `screen`: a screen is recorded beside it.
 */
export function deviceNotice(kind: DeviceKind, s: DeviceState, now: Now): DeviceNotice | null {
  const gone = `The ${kind} was disconnected.`;
  switch (s.name) {
    case 'switching':
      return { tone: 'warn', text: `${gone} ${now.idle ? '' : 'Everything up to here is saved. '}Looking for another one…`, back: null };
    case 'replaced': {
      const again = s.back ? ` ${s.lost.label || `The first ${kind}`} is connected again.` : '';
      const next = s.device.label || `another ${kind}`;
      return { tone: 'warn', text: `${gone} Going on with ${next}.${again}`, back: s.back ? s.lost : null };
    }
    case 'missing':
      if (s.isDenied) return { tone: 'danger', text: deniedDevice(kind, now), back: null };
      return { tone: 'danger', text: `${gone} ${now.idle ? 'Connect one, and it is used.' : missingDevice(kind, now)}`, back: null };
    case 'muted':
      return { tone: 'warn', text: mutedDevice(kind, s.device.label, now), back: null };
  }
  return null;
}

/** A device that went before anything was recorded, where no other can take its place. */
export const lostBeforeStart = (kind: DeviceKind) =>
  `The ${kind} was disconnected, so nothing was recorded yet. Start again when you are ready.`;

type Now = { idle: boolean; fixed: boolean; silent?: boolean; screen?: boolean };

/** What a recording has left when its camera is gone. */
function withoutCamera({ silent, screen }: Now): string {
  if (screen) return silent ? 'Your screen goes on' : 'Your screen and sound go on';
  return silent ? 'Everything up to here is saved' : 'Your sound goes on';
}

/** Permission was withdrawn while the device was open. */
function deniedDevice(kind: DeviceKind, now: Now): string {
  const denied = `Your browser no longer lets Tidings use the ${kind}.`;
  if (now.idle) return `${denied} Allow it again, and it is used.`;
  return kind === 'camera'
    ? `${denied} ${withoutCamera(now)}; your picture goes on as soon as you allow it again.`
    : `${denied} Everything up to here is saved, but nobody hears you until you allow it again.`;
}

function missingDevice(kind: DeviceKind, now: Now): string {
  if (kind === 'camera')
    return now.fixed
      ? `${withoutCamera(now)}; your picture stays as it was. Stop and record again to be seen.`
      : `${withoutCamera(now)}; your picture goes on as soon as you connect a camera.`;
  return now.fixed
    ? 'Everything up to here is saved, but you are not heard any more: stop, and record again with another one.'
    : 'Everything up to here is saved, but nobody hears you until you connect one.';
}

const mutedDevice = (kind: DeviceKind, label: string, now: Now) =>
  kind === 'camera'
    ? `No picture comes from ${label || 'the camera'}. Close other programs that use it, or open its cover.${now.idle ? '' : ` ${withoutCamera(now)}.`}`
    : `No sound comes from ${label || 'the microphone'}: your computer or a call has muted it. Unmute it, or choose another one${now.idle ? '' : '; everything up to here is saved'}.`;

export const mutedNotice = 'You are muted: recording goes on, but nobody hears you until you press Mute again (Alt+Shift+M).';

/** What is said while nothing is heard, or '' while something is. */
export function unheardNotice(s: { silent: boolean; stalled: boolean; fixed: boolean; late?: boolean }): string {
  if (s.stalled && s.fixed)
    return s.silent
      ? 'We can’t hear you, and this computer’s sound does not answer: some browsers hear no microphone while no loudspeaker or headphones are connected. Everything up to here is saved: connect them, then stop and record again.'
      : 'The level cannot be shown: this computer’s sound does not answer. Go on, your microphone is recorded all the same.';
  if (s.stalled)
    return 'You are not heard: this computer’s sound does not answer. It is being started again; everything up to here is saved.';
  if (s.late && !s.fixed && !s.silent)
    return 'Your computer is too busy for sound: parts of what you say are missing. Recording goes on, and the rest is saved. Close other programs or tabs.';
  return s.silent ? 'We can’t hear you. Recording goes on: is the microphone muted, or is it another one?' : '';
}

/** What the button says that records without what is missing. */
export const recordWithout = (missing: DeviceKind[]) =>
  `Record without ${missing.length > 1 ? 'camera and microphone' : `a ${missing[0] ?? 'microphone'}`}`;
