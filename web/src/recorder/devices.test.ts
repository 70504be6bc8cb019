import { describe, expect, it } from 'vitest';
import {
  isMonitorOf,
  isUnplugged,
  nextDevice,
  off,
  openDevice,
  replacementIds,
  type Device,
  type DeviceAction,
  type DeviceState,
} from './devices';

const usb: Device = { id: 'u1', label: 'USB Microphone' };
const builtIn: Device = { id: 'b1', label: 'Built-in Microphone' };

const at: Record<DeviceState['name'], DeviceState> = {
  off,
  live: { name: 'live', device: usb },
  muted: { name: 'muted', device: usb, lost: null },
  switching: { name: 'switching', lost: usb },
  replaced: { name: 'replaced', device: builtIn, lost: usb, back: false },
  missing: { name: 'missing', lost: usb },
};
const names = Object.keys(at) as DeviceState['name'][];
const everywhere = (s: DeviceState) => Object.fromEntries(names.map((n) => [n, s]));

/** What each action leads to, by where it comes; from anywhere else it changes nothing. */
const table: [DeviceAction, Partial<Record<DeviceState['name'], DeviceState>>][] = [
  [{ do: 'open', device: builtIn }, everywhere({ name: 'live', device: builtIn })],
  [{ do: 'mute' }, { live: { name: 'muted', device: usb, lost: null }, replaced: { name: 'muted', device: builtIn, lost: usb } }],
  [{ do: 'unmute' }, { muted: at.live }],
  [{ do: 'lose' }, { live: at.switching, muted: at.switching, replaced: { name: 'switching', lost: builtIn } }],
  [
    { do: 'replace', device: builtIn },
    { switching: at.replaced, missing: at.replaced },
  ],
  [
    { do: 'replace', device: usb },
    { switching: at.live, missing: at.live },
  ],
  [{ do: 'miss' }, { switching: at.missing }],
  [{ do: 'miss', isDenied: true }, { switching: { name: 'missing', lost: usb, isDenied: true } }],
  [{ do: 'list', devices: [builtIn] }, {}],
  [{ do: 'list', devices: [builtIn, usb] }, { replaced: { name: 'replaced', device: builtIn, lost: usb, back: true } }],
  [{ do: 'dismiss' }, { replaced: { name: 'live', device: builtIn } }],
  [{ do: 'close' }, everywhere(off)],
];

describe('nextDevice', () => {
  it.each(table.flatMap(([action, leads]) => names.map((from) => [action.do, from, action, leads[from]] as const)))(
    '%s from %s',
    (_, from, action, to) => {
      expect(nextDevice(at[from], action)).toEqual(to ?? at[from]);
    },
  );

  it('a replacement that was muted for a while is still a replacement', () => {
    expect(nextDevice(nextDevice(at.replaced, { do: 'mute' }), { do: 'unmute' })).toEqual(at.replaced);
  });

  it('the lost device may be taken away again after it was back', () => {
    const back = nextDevice(at.replaced, { do: 'list', devices: [builtIn, usb] });
    expect(nextDevice(back, { do: 'list', devices: [builtIn] })).toEqual(at.replaced);
  });
});

it.each<[DeviceState['name'], Device | null]>([
  ['off', null],
  ['live', usb],
  ['muted', usb],
  ['switching', null],
  ['replaced', builtIn],
  ['missing', null],
])('the open device while %s', (name, device) => expect(openDevice(at[name])).toEqual(device));

describe('isUnplugged', () => {
  const named: Device = { id: 'default', label: 'Default - USB Microphone' };
  it.each<[string, Device, Device[], boolean]>([
    ['it is listed', usb, [usb, builtIn], false],
    ['it is not listed', usb, [builtIn], true],
    ['nothing is listed', usb, [], true],
    ['the list has no names', usb, [{ id: 'x', label: '' }], false],
    ['the default is listed under its own name', named, [usb], false],
    ['the default is listed under its own name, in another language', { id: 'default', label: 'Standard – USB Microphone' }, [usb], false],
    ['the default is another one now', named, [{ id: 'b1', label: 'Built-in Microphone' }], true],
    ['another one of the same make is listed', usb, [{ id: 'u2', label: 'USB Microphone' }], true],
    ['the device has no name', { id: 'x', label: '' }, [builtIn], false],
  ])('%s', (_, device, plugged, want) => expect(isUnplugged(device, plugged)).toBe(want));
});

it('a lost default device is known again by its name, and gone back to by its own id', () => {
  const lost: Device = { id: 'default', label: 'Default - USB Microphone' };
  const replaced: DeviceState = { name: 'replaced', device: builtIn, lost, back: false };
  const aliasOfOther: Device = { id: 'default', label: 'Default - Built-in Microphone' };
  expect(nextDevice(replaced, { do: 'list', devices: [aliasOfOther, builtIn] })).toEqual(replaced);
  expect(nextDevice(replaced, { do: 'list', devices: [lost, builtIn, usb] })).toEqual({ ...replaced, lost: usb, back: true });
});

it('a lost device gives way to those used before, then to the default, then to the others', () => {
  const plugged = ['a', 'b', 'c', 'u1'].map((id) => ({ id, label: id === 'u1' ? usb.label : `Microphone ${id}` }));
  expect(replacementIds(usb, plugged, ['u1', 'c', 'gone', 'a'])).toEqual(['c', 'a', '', 'b']);
  expect(replacementIds(usb, [], [])).toEqual(['']);
});

it('what an output plays is no microphone to go on with', () => {
  const outputs = ['Built-in Audio Analog Stereo', 'Headset', ''];
  const named = (label: string, id = 'x') => isMonitorOf({ id, label }, outputs);
  expect(named('Monitor of Built-in Audio Analog Stereo')).toBe(true);
  expect(named('Moniteur de Headset')).toBe(true);
  expect(named('Built-in Audio Analog Stereo')).toBe(false);
  expect(named('USB Headset')).toBe(false);
  expect(named('Monitor Microphone')).toBe(false);
  expect(named('Default - Headset', 'default')).toBe(false);

  const monitor: Device = { id: 'm', label: 'Monitor of Headset', isMonitorSource: true };
  expect(replacementIds(usb, [monitor, builtIn], ['m'])).toEqual(['', builtIn.id]);
});
