import { loadStored, saveStored } from '../lib/storage';
import { CaptureError, modeWithout, openDevices, openTrack, wantsCamera, type Devices, type Mode } from './capture';
import { TrackedDevice, type DeviceHost } from './device.svelte';
import { DeviceList } from './deviceList';
import { devicesOf, type Device, type DeviceKind } from './devices';
import { hasPermission, watchPermissions } from './permissions';
import { explainCapture } from './logFailure';
import type { Problem } from './phase';
import { SilenceDetector } from './silence';
import { AudioGraph } from './sound';
import { SoundLag } from './soundLag.svelte';
import { Speaker } from './speaker.svelte';
import { TrackLevel } from './trackLevel';

const modes: string[] = ['camera', 'screen', 'screen_camera', 'voice'] satisfies Mode[];

/** What is recorded from: the mode, camera and microphone as chosen last time, and their picture and level. */
export class Inputs implements DeviceHost {
  mode = $state<Mode>('camera');
  camera = $state(loadStored('recorder.camera', ''));
  microphone = $state<string | null>(loadStored('recorder.microphone', ''));
  cameras = $state.raw<MediaDeviceInfo[]>([]);
  microphones = $state.raw<MediaDeviceInfo[]>([]);
  stream = $state.raw<MediaStream | null>(null);
  problem = $state.raw<Problem | null>(null);
  missing = $state.raw<DeviceKind[]>([]); // of what is wanted; `problem` says why
  without = $state.raw<DeviceKind[]>([]); // done without by decision
  opening = $state(false);
  level = $state(0); // root mean square, 0–1
  silent = $state(false); // nothing has been heard for a while
  stalled = $state(false); // the audio graph stands still
  readonly lag = new SoundLag();
  muted = $state(false); // by a button or key of the page
  /** What the running recording cannot change: its track is recorded as it is. */
  fixed = $state.raw<DeviceKind[]>([]);
  readonly microphoneDevice = new TrackedDevice('microphone', this);
  readonly speaker = new Speaker();
  readonly cameraDevice = new TrackedDevice('camera', this);
  /** Called when another device takes the place of the one before (null: it is gone). */
  ontrack: (kind: DeviceKind, track: MediaStreamTrack | null) => void = () => {};

  #sound: AudioGraph | null = null;
  #silence = new SilenceDetector();
  #trackLevel: TrackLevel | null = null; // while the graph stands still
  #pending: { key: string; stream: Promise<MediaStream | null> } | null = null; // what the browser is opening
  #key = ''; // what `stream` was opened for
  #devices = new DeviceList(() => void this.#checkDevices());
  #generation = 0; // how often all was let go

  /** `asked` is the mode a link names; without one it is the mode of last time. */
  constructor(able: (m: Mode) => boolean, asked: string | null = null) {
    const known = [asked, loadStored<string>('recorder.mode', 'camera')].filter((m): m is Mode => m !== null && modes.includes(m));
    this.mode = known.find(able) ?? 'camera';
  }

  /** The audio graph; made on first use, as browsers require a user gesture before. */
  get sound(): AudioGraph {
    return (this.#sound ??= new AudioGraph(
      (rms) => this.#onLevel(rms),
      (stalled) => this.#onStall(stalled),
      this.lag,
    ));
  }

  get wantedDevices(): Devices {
    const microphone = this.mode === 'voice' ? (this.microphone ?? '') : this.microphone;
    return {
      camera: wantsCamera(this.mode) && !this.without.includes('camera') ? this.camera : null,
      microphone: this.without.includes('microphone') ? null : microphone,
    };
  }

  /** What is recorded in the end: the mode, less what is done without. */
  get recordedMode(): Mode {
    return modeWithout(this.mode, this.without) ?? this.mode;
  }

  /** Whether something is left to record without the devices that are missing. */
  get canDoWithout(): boolean {
    return this.missing.length > 0 && modeWithout(this.mode, this.missing) !== null;
  }

  /** Does without the devices that are missing, until something else is chosen. */
  doWithoutMissing() {
    this.without = this.missing;
    this.problem = null;
  }

  /** Lists the devices, and opens them when permission is granted already. Ends with the signal. */
  async begin(signal: AbortSignal) {
    const look = () => void this.#checkDevices();
    navigator.mediaDevices.addEventListener('devicechange', look, { signal });
    document.addEventListener('visibilitychange', look, { signal });
    void watchPermissions(look, signal);
    signal.addEventListener('abort', () => this.close());
    await this.#listDevices();
    if ((await hasPermission(this.wantedDevices)) && !signal.aborted) await this.open().catch(() => {});
  }

  async updateChoice(change: Partial<{ mode: Mode; camera: string; microphone: string | null }>) {
    Object.assign(this, change);
    for (const [key, value] of Object.entries(change)) saveStored(`recorder.${key}`, value);
    this.problem = null;
    this.without = [];
    if (this.stream && change.mode === undefined && (await this.#changeDevices(change))) return;
    const life = this.#generation;
    if ((this.stream || (await hasPermission(this.wantedDevices))) && life === this.#generation) await this.open().catch(() => {});
  }

  async #tryAgain() {
    if (this.stream) this.problem = null;
    else if (await hasPermission(this.wantedDevices)) await this.open().catch(() => {});
  }

  /** Mutes the microphone, or lets it be heard again. */
  setMuted(muted: boolean) {
    this.muted = muted;
    for (const t of this.stream?.getAudioTracks() ?? []) t.enabled = !muted;
    this.resetSilence();
  }

  /** Goes on from another device of a kind that is open; false when it takes opening all of them anew. */
  async #changeDevices({ camera, microphone }: { camera?: string; microphone?: string | null }): Promise<boolean> {
    const device = camera === undefined ? this.microphoneDevice : this.cameraDevice;
    const id = camera ?? microphone ?? null;
    if (id === null || device.state.name === 'off') return false;
    try {
      await device.changeTo(id);
      this.#key = JSON.stringify(this.wantedDevices);
    } catch (e) {
      if (e instanceof CaptureError) this.#setProblem(e);
    }
    return true;
  }

  /**
   * Camera and microphone as wanted now: the ones that are open, or about to be, if they fit. Null when
   * nothing is wanted or all was let go meanwhile. Throws CaptureError, and says it in `problem`.
   */
  open(): Promise<MediaStream | null> {
    const wanted = this.wantedDevices;
    const key = JSON.stringify(wanted);
    if (this.#pending?.key === key) return this.#pending.stream;
    if (this.stream && key === this.#key && this.#isOpen(wanted)) return Promise.resolve(this.stream);
    this.#stopStream();
    this.opening = true;
    const coming = { key, stream: Promise.resolve<MediaStream | null>(null) };
    this.#pending = coming;
    return (coming.stream = this.#openStream(wanted, coming));
  }

  async #openStream(wanted: Devices, coming: { key: string }): Promise<MediaStream | null> {
    try {
      const stream = await openDevices(wanted);
      if (coming !== this.#pending) return this.#discardStream(stream);
      this.#key = coming.key;
      this.stream = stream;
      this.problem = null;
      this.missing = [];
      this.#silence.reset();
      if (this.muted) this.setMuted(true);
      this.microphoneDevice.adoptTrack(stream?.getAudioTracks()[0] ?? null);
      this.cameraDevice.adoptTrack(stream?.getVideoTracks()[0] ?? null);
      await this.sound.connectMicrophone(stream?.getAudioTracks()[0] ?? null);
      void this.#checkDevices(); // names come only after permission, and a device may have gone while it was opened
      return coming === this.#pending ? stream : this.#discardStream(stream);
    } catch (e) {
      if (coming === this.#pending && e instanceof CaptureError) this.#setProblem(e);
      throw e;
    } finally {
      if (coming === this.#pending) {
        this.#pending = null;
        this.opening = false;
      }
    }
  }

  /** Something else was chosen, or all was stopped, while the browser opened this stream: returns what replaces it. */
  #discardStream(stream: MediaStream | null): Promise<MediaStream | null> {
    stopTracks(stream);
    return this.#pending?.stream ?? Promise.resolve(this.stream);
  }

  /** Stops camera and microphone. */
  close() {
    this.#generation++;
    this.#pending = null;
    this.opening = false;
    this.#stopStream();
    this.#sound?.close();
    this.#sound = null;
    this.#trackLevel?.stop();
    this.#trackLevel = null;
    this.stalled = this.muted = false;
    this.fixed = this.without = [];
  }

  /** Resets the silence detector: a pause is no silence. */
  resetSilence() {
    this.#silence.reset();
    this.silent = false;
  }

  openTrack(kind: DeviceKind, id: string): Promise<MediaStreamTrack> {
    return openTrack(kind, id);
  }

  async listDevices(kind: DeviceKind): Promise<Device[] | null> {
    const all = await this.#listDevices();
    return all && devicesOf(all, kind);
  }

  canReplace(kind: DeviceKind): boolean {
    return !this.fixed.includes(kind);
  }

  useTrack(kind: DeviceKind, track: MediaStreamTrack | null) {
    const others = (kind === 'camera' ? this.stream?.getAudioTracks() : this.stream?.getVideoTracks()) ?? [];
    this.stream = new MediaStream(track ? [...others, track] : others);
    this.ontrack(kind, track);
    if (kind === 'camera') return;
    this.setMuted(this.muted);
    void this.sound.connectMicrophone(track);
  }

  /** Whether every wanted device is open and runs. */
  #isOpen({ camera, microphone }: Devices): boolean {
    const runs = (tracks: MediaStreamTrack[] = []) => tracks.some((t) => t.readyState === 'live');
    return (camera === null || runs(this.stream?.getVideoTracks())) && (microphone === null || runs(this.stream?.getAudioTracks()));
  }

  #setProblem(error: CaptureError) {
    const { asked } = error;
    this.problem = explainCapture(error, asked);
    this.missing = asked.screen ? [] : (['microphone', 'camera'] as const).filter((kind) => asked[kind]);
  }

  /** What was missing may be there now, and what was open may be gone. */
  async #checkDevices() {
    await this.#listDevices();
    if (this.problem && !this.opening) await this.#tryAgain();
    await Promise.all([this.microphoneDevice.check(), this.cameraDevice.check()]);
  }

  #onStall(stalled: boolean) {
    this.stalled = stalled;
    if (stalled) this.level = 0;
    this.#trackLevel?.stop();
    this.#trackLevel = stalled
      ? new TrackLevel(
          () => this.#ownTrack(),
          (rms) => this.#checkSilence(rms),
        )
      : null;
  }

  /** The microphone's track, where it is recorded as it is. */
  #ownTrack(): MediaStreamTrack | null {
    return this.fixed.includes('microphone') ? (this.stream?.getAudioTracks()[0] ?? null) : null;
  }

  #stopStream() {
    stopTracks(this.stream);
    this.microphoneDevice.adoptTrack(null);
    this.cameraDevice.adoptTrack(null);
    this.stream = null;
    this.level = 0;
    this.silent = false;
  }

  #onLevel(rms: number) {
    this.level = rms;
    if (rms === 0) this.microphoneDevice.checkTrack();
    this.#checkSilence(rms);
  }

  #checkSilence(rms: number) {
    const heard = !this.muted && !!this.stream?.getAudioTracks().length;
    this.silent = heard && this.#silence.addLevel(rms, performance.now());
  }

  async #listDevices(): Promise<MediaDeviceInfo[] | null> {
    const all = await this.#devices.list();
    if (!all) return null;
    this.cameras = all.filter((d) => d.kind === 'videoinput' && d.deviceId);
    this.microphones = all.filter((d) => d.kind === 'audioinput' && d.deviceId && d.deviceId !== 'default');
    this.speaker.setDevices(all);
    return all;
  }
}

function stopTracks(stream: MediaStream | null) {
  for (const t of stream?.getTracks() ?? []) t.stop();
}
