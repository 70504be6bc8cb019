import { distinctDevices } from './devices';
import { withinPatience } from './patience';

/** How long (ms) the list of devices is waited for: Firefox gives none to a page that is not looked at. */
export const LIST_PATIENCE = 1000;

/** What is plugged in, as far as the browser says. */
export class DeviceList {
  #known: MediaDeviceInfo[] | null = null; // as it was listed last

  /** `onlate` is called when a list that was no longer waited for has come, and differs: nothing else would ask again. */
  constructor(private onlate: () => void) {}

  /** What is plugged in now, or was when it was last known; null: the browser does not say. */
  async list(): Promise<MediaDeviceInfo[] | null> {
    const listed = navigator.mediaDevices.enumerateDevices().then(distinctDevices, () => null);
    const all = await withinPatience(listed, LIST_PATIENCE, this.#known, (late) => this.#useLate(late));
    this.#known = all ?? this.#known;
    return all;
  }

  #useLate(late: MediaDeviceInfo[] | null) {
    if (!late || isSameList(late, this.#known)) return;
    this.#known = late;
    this.onlate();
  }
}

const isSameList = (a: MediaDeviceInfo[], b: MediaDeviceInfo[] | null): boolean =>
  a.length === b?.length && a.every((d, i) => d.kind === b[i]!.kind && d.deviceId === b[i]!.deviceId);
