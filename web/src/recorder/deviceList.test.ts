import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeviceList, LIST_PATIENCE } from './deviceList';

const microphone = { kind: 'audioinput', deviceId: 'a' } as MediaDeviceInfo;
let answers: ((all: MediaDeviceInfo[]) => void)[];

beforeEach(() => {
  answers = [];
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { mediaDevices: { enumerateDevices: () => new Promise((answer) => answers.push(answer)) } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Asks for the list, and gives up waiting for it. */
async function listLate(devices: DeviceList) {
  const listed = devices.list();
  await vi.advanceTimersByTimeAsync(LIST_PATIENCE);
  return listed;
}

it('says when a list comes that was not waited for, and has it at hand from then on', async () => {
  const onlate = vi.fn();
  const devices = new DeviceList(onlate);
  expect(await listLate(devices)).toBeNull();
  answers[0]!([microphone]);
  await vi.waitFor(() => expect(onlate).toHaveBeenCalledOnce());
  expect(await listLate(devices)).toEqual([microphone]);
});

it('says nothing of a late list that is as it was, so that a slow browser is not asked for ever', async () => {
  const onlate = vi.fn();
  const devices = new DeviceList(onlate);
  const first = devices.list();
  answers[0]!([microphone]);
  expect(await first).toEqual([microphone]);
  await listLate(devices);
  answers[1]!([microphone]);
  await vi.advanceTimersByTimeAsync(1);
  expect(onlate).not.toHaveBeenCalled();
});
