/** The state machine of a device that is recorded from: every transition is one pure function. */

export type DeviceKind = 'microphone' | 'camera';

export interface Device {
  id: string; // deviceId; '' or 'default' when the browser does not tell which one it is
  label: string;
  /** What an output plays, which PulseAudio lists as a microphone: nobody speaks into it. */
  isMonitorSource?: boolean;
}

export type DeviceState =
  | { name: 'off' } // not wanted, or not opened yet
  | { name: 'live'; device: Device }
  | { name: 'muted'; device: Device; lost: Device | null } // by the system: open, but nothing comes from it
  | { name: 'switching'; lost: Device } // gone; the next one is being opened
  | { name: 'replaced'; device: Device; lost: Device; back: boolean } // back: the lost one is plugged in again
  | { name: 'missing'; lost: Device; isDenied?: boolean }; // gone, and there is no other, or the browser refuses it

export type DeviceAction =
  | { do: 'open'; device: Device } // opened because somebody wanted this one
  | { do: 'mute' }
  | { do: 'unmute' }
  | { do: 'lose' }
  | { do: 'replace'; device: Device } // opened in place of the lost one
  | { do: 'miss'; isDenied?: boolean }
  | { do: 'list'; devices: Device[] } // what is plugged in now
  | { do: 'dismiss' } // the replacement is fine
  | { do: 'close' };

/** Each device once: Firefox makes the id of a microphone of its name, and lists two of one name under one id. */
export const distinctDevices = (all: MediaDeviceInfo[]): MediaDeviceInfo[] =>
  all.filter((d, i) => d.deviceId === '' || i === all.findIndex((e) => e.kind === d.kind && e.deviceId === d.deviceId));

export const off: DeviceState = { name: 'off' };

/** The device that is open, if one is. */
export const openDevice = (s: DeviceState): Device | null =>
  s.name === 'live' || s.name === 'muted' || s.name === 'replaced' ? s.device : null;

/** Whether something comes from the device, as far as is known. */
export const givesNew = (s: DeviceState): boolean => s.name === 'live' || s.name === 'replaced';

/** Browsers list the default device a second time, under an id of its own and a name that ends with the device's. */
const isAlias = (d: Device) => d.id === '' || d.id === 'default' || d.id === 'communications';
const hasSameLabel = (a: string, b: string) => a !== '' && b !== '' && (a === b || a.endsWith(` ${b}`) || b.endsWith(` ${a}`));

export const isSameDevice = (a: Device, b: Device) => (isAlias(a) || isAlias(b) ? hasSameLabel(a.label, b.label) : a.id === b.id);

/** Whether PulseAudio made this microphone of one of these outputs: "Monitor of Speakers", in the language of the system. */
export const isMonitorOf = (d: Device, outputs: string[]) =>
  !isAlias(d) && /^(moni|мони)/i.test(d.label) && outputs.some((o) => o !== '' && d.label.endsWith(` ${o}`));

/** The microphones or cameras of a list. */
export function devicesOf(all: MediaDeviceInfo[], kind: DeviceKind): Device[] {
  const outputs = all.filter((d) => d.kind === 'audiooutput').map((d) => d.label);
  const ofKind = all.filter((d) => d.kind === (kind === 'camera' ? 'videoinput' : 'audioinput'));
  const devices = ofKind.map((d): Device => ({ id: d.deviceId, label: d.label }));
  return devices.map((d) => ({ ...d, isMonitorSource: isMonitorOf(d, outputs) }));
}

/** Whether somebody can be heard or seen by one of these. */
export const hasReplacement = (plugged: Device[]) => plugged.some((d) => !d.isMonitorSource);

/** Whether this is what an output plays: the default is that, where no microphone is left. */
export const isMonitorSource = (d: Device, plugged: Device[]) => plugged.some((p) => p.isMonitorSource && isSameDevice(p, d));

/** Whether a list says that the device is unplugged. A list without names or ids (no permission) says nothing. */
export const isUnplugged = (d: Device, plugged: Device[]) =>
  d.label !== '' && plugged.every((p) => p.label !== '' && p.id !== '') && !plugged.some((p) => isSameDevice(p, d));

/** The next state. An action that does not fit (an event that came too late) changes nothing. */
export function nextDevice(s: DeviceState, a: DeviceAction): DeviceState {
  switch (a.do) {
    case 'open':
      return { name: 'live', device: a.device };
    case 'mute':
      return s.name === 'live' || s.name === 'replaced' ? { name: 'muted', device: s.device, lost: lostBefore(s) } : s;
    case 'unmute':
      return s.name === 'muted' ? withoutMute(s.device, s.lost) : s;
    case 'lose': {
      const lost = openDevice(s);
      return lost ? { name: 'switching', lost } : s;
    }
    case 'replace':
      return s.name === 'switching' || s.name === 'missing' ? replacedBy(a.device, s.lost) : s;
    case 'miss':
      return s.name === 'switching' ? missed(s.lost, a.isDenied) : s;
    case 'list':
      return s.name === 'replaced' ? withList(s, a.devices) : s;
    case 'dismiss':
      return s.name === 'replaced' ? { name: 'live', device: s.device } : s;
    case 'close':
      return off;
  }
}

const missed = (lost: Device, isDenied = false): DeviceState => ({ name: 'missing', lost, ...(isDenied && { isDenied }) });

const lostBefore = (s: DeviceState) => (s.name === 'replaced' ? s.lost : null);

const withoutMute = (device: Device, lost: Device | null): DeviceState =>
  lost ? { name: 'replaced', device, lost, back: false } : { name: 'live', device };

function withList(s: Extract<DeviceState, { name: 'replaced' }>, plugged: Device[]): DeviceState {
  const again = plugged.filter((d) => isSameDevice(d, s.lost));
  const lost = again.find((d) => !isAlias(d)) ?? again[0] ?? s.lost;
  return { ...s, lost, back: again.length > 0 };
}

/** The one that was lost came back before another was found: nothing was replaced. */
const replacedBy = (device: Device, lost: Device): DeviceState =>
  isSameDevice(device, lost) ? { name: 'live', device } : { name: 'replaced', device, lost, back: false };

/**
 * The ids to try, in this order, when a device is gone: those used before (newest first) that are plugged in, the
 * browser's default (''), and all others.
 */
export function replacementIds(lost: Device, plugged: Device[], remembered: string[]): string[] {
  const others = plugged.filter((d) => !isAlias(d) && !d.isMonitorSource && !isSameDevice(d, lost)).map((d) => d.id);
  return [...new Set([...remembered.filter((id) => others.includes(id)), '', ...others])];
}
