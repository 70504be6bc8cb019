import { loadStored, saveStored } from '../lib/storage';
import { CaptureError } from './capture';
import {
  hasReplacement,
  isMonitorSource,
  isUnplugged,
  nextDevice,
  off,
  openDevice,
  replacementIds,
  type Device,
  type DeviceAction,
  type DeviceKind,
} from './devices';
import { watchTrackEnd } from './trackEnd';

/** What a tracked device needs of its owner. */
export interface DeviceHost {
  /** Opens one device; '' is the browser's default. */
  openTrack(kind: DeviceKind, id: string): Promise<MediaStreamTrack>;
  /** What is plugged in now; null: the browser does not tell. */
  listDevices(kind: DeviceKind): Promise<Device[] | null>;
  /** Whether what is recorded can go on from another device of this kind. */
  canReplace(kind: DeviceKind): boolean;
  /** From now on this track is the device, or there is none. */
  useTrack(kind: DeviceKind, track: MediaStreamTrack | null): void;
}

/** How long (ms) a device may be muted by the system before it is said. */
export const MUTE_PATIENCE = 1500;
/** How long (ms) the browser may take to open what is to take the place of a lost device, before the next one is tried. */
export const OPEN_PATIENCE = 3000;
/** How often (ms) it is looked for a device while one is missing: a browser that was late says nothing of one that is back at once. */
const LOOK = 2000;
const REMEMBERED = 5;

/** One microphone or camera while it is open: notices that it goes, and goes on with another one. */
export class TrackedDevice {
  state = $state.raw(off);

  #track: MediaStreamTrack | null = null;
  #listeners = new AbortController();
  #muteTimer: ReturnType<typeof setTimeout> | undefined;
  #isStill = false; // nothing comes from it, though the browser does not call it muted
  #isDenied = false; // in this search
  #lookTimer: ReturnType<typeof setInterval> | undefined; // while one is missing
  #searched = ''; // what was plugged in when the last search began
  #search = 0; // number of the search for a replacement; an older one gives up
  #searching = -1; // the one that is at work
  #hasChanged = false; // something was plugged in, or unplugged, meanwhile
  #choice = 0; // number of the device chosen by hand; an older one is given up

  constructor(
    readonly kind: DeviceKind,
    private host: DeviceHost,
  ) {}

  /** Takes this track over as the device that was wanted; null: none is. */
  adoptTrack(track: MediaStreamTrack | null) {
    this.#search++;
    this.#choice++;
    this.#watchTrack(track);
    this.#dispatch(track ? { do: 'open', device: deviceOf(track) } : { do: 'close' });
    if (track) rememberDevice(this.kind, deviceOf(track).id);
  }

  /**
   * Opens another device and goes on with it; the one before runs until then, or whatever takes its place when it goes
   * meanwhile. Rejects when it cannot be opened.
   */
  async changeTo(id: string) {
    const choice = ++this.#choice;
    const track = await this.host.openTrack(this.kind, id);
    if (choice !== this.#choice) return track.stop();
    const old = this.#track;
    this.adoptTrack(track);
    this.host.useTrack(this.kind, track);
    old?.stop();
  }

  /** Some browsers end a track without an event. */
  checkTrack() {
    if (this.#track?.readyState === 'ended') void this.#replaceLost();
  }

  /** Looks whether the device is still there; where one is missing, whether there is one again. */
  async check() {
    this.checkTrack();
    if (this.state.name === 'off') return;
    if (this.#searching === this.#search) this.#hasChanged = true;
    const plugged = await this.host.listDevices(this.kind);
    if (!plugged) return;
    const open = openDevice(this.state);
    if (open && isUnplugged(open, plugged)) return this.#replaceLost();
    this.#dispatch({ do: 'list', devices: plugged });
    if (this.#searching === this.#search) return; // looks again by itself
    if (this.state.name !== 'missing' || !hasReplacement(plugged) || !this.host.canReplace(this.kind)) return;
    await this.#findReplacement(this.state.lost);
  }

  /** Nothing comes from the open device, or something does again: like one that the system has muted. */
  setStill(isStill: boolean) {
    this.#isStill = isStill;
    if (isStill) this.#dispatch({ do: 'mute' });
    else if (!this.#track?.muted) this.#dispatch({ do: 'unmute' });
  }

  dismiss() {
    this.#dispatch({ do: 'dismiss' });
  }

  #watchTrack(track: MediaStreamTrack | null) {
    this.#listeners.abort();
    this.#listeners = new AbortController();
    clearTimeout(this.#muteTimer);
    this.#track = track;
    this.#isStill = false;
    if (!track) return;
    const { signal } = this.#listeners;
    watchTrackEnd(track, () => void this.#replaceLost(), signal);
    track.addEventListener('mute', () => this.#waitForUnmute(), { signal });
    track.addEventListener('unmute', () => this.#onUnmute(), { signal });
    if (track.muted) this.#waitForUnmute();
  }

  #waitForUnmute() {
    clearTimeout(this.#muteTimer);
    this.#muteTimer = setTimeout(() => this.#dispatch({ do: 'mute' }), MUTE_PATIENCE);
  }

  #onUnmute() {
    clearTimeout(this.#muteTimer);
    if (!this.#isStill) this.#dispatch({ do: 'unmute' });
  }

  async #replaceLost() {
    const lost = openDevice(this.state);
    if (!lost) return;
    this.#track?.stop();
    this.#watchTrack(null);
    this.#dispatch({ do: 'lose' });
    this.host.useTrack(this.kind, null);
    if (this.host.canReplace(this.kind)) await this.#findReplacement(lost);
    else this.#dispatch({ do: 'miss' });
  }

  async #findReplacement(lost: Device) {
    const search = (this.#searching = ++this.#search);
    this.#isDenied = this.#hasChanged = false;
    const plugged = (await this.host.listDevices(this.kind)) ?? [];
    this.#searched = idsOf(plugged);
    for (const id of replacementIds(lost, plugged, rememberedDevices(this.kind))) {
      const track = await this.#openInTime(id);
      if (search !== this.#search) return track?.stop();
      if (track?.readyState !== 'live') continue;
      if (!isMonitorSource(deviceOf(track), plugged)) return this.#goOnWith(track);
      track.stop();
    }
    if (search !== this.#search) return;
    this.#searching = -1;
    this.#dispatch({ do: 'miss', isDenied: this.#isDenied });
    if (this.#hasChanged) await this.check();
  }

  #goOnWith(track: MediaStreamTrack) {
    this.#search++;
    this.#watchTrack(track);
    this.#dispatch({ do: 'replace', device: deviceOf(track) });
    this.host.useTrack(this.kind, track);
  }

  /** Null where it cannot be opened, or the browser does not answer for long; what comes later is used if nothing else was found. */
  #openInTime(id: string): Promise<MediaStreamTrack | null> {
    return new Promise((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => resolve(((isLate = true), null)), OPEN_PATIENCE);
      const use = (track: MediaStreamTrack) => {
        clearTimeout(timer);
        if (!isLate) return resolve(track);
        if (this.state.name === 'missing' && track.readyState === 'live') this.#goOnWith(track);
        else track.stop();
      };
      this.host.openTrack(this.kind, id).then(use, (e: unknown) => {
        this.#isDenied ||= isDenial(e);
        clearTimeout(timer);
        resolve(null);
      });
    });
  }

  /** Opens nothing while the same devices are plugged in: each attempt may ask for permission. */
  async #lookForMissing() {
    const plugged = await this.host.listDevices(this.kind);
    if (plugged && this.state.name === 'missing' && idsOf(plugged) !== this.#searched) await this.check();
  }

  #dispatch(action: DeviceAction) {
    this.state = nextDevice(this.state, action);
    const isMissing = this.state.name === 'missing' && this.host.canReplace(this.kind);
    if (isMissing) this.#lookTimer ??= setInterval(() => void this.#lookForMissing(), LOOK);
    else {
      clearInterval(this.#lookTimer);
      this.#lookTimer = undefined;
    }
  }
}

const idsOf = (devices: Device[]) => devices.map((d) => d.id).join('\n');

/** Whether the person, or the system, has withdrawn the permission. */
function isDenial(e: unknown): boolean {
  const reason = e instanceof CaptureError ? e.reason : e;
  return reason instanceof Error && reason.name === 'NotAllowedError';
}

const deviceOf = (track: MediaStreamTrack): Device => ({ id: track.getSettings().deviceId ?? '', label: track.label });

function rememberedDevices(kind: DeviceKind): string[] {
  const known = loadStored<unknown>(`recorder.${kind}s`, []);
  return Array.isArray(known) ? known.filter((id) => typeof id === 'string') : [];
}

function rememberDevice(kind: DeviceKind, id: string) {
  if (id === '' || id === 'default') return;
  saveStored(`recorder.${kind}s`, [id, ...rememberedDevices(kind).filter((known) => known !== id)].slice(0, REMEMBERED));
}
