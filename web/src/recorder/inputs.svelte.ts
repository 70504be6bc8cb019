import { loadStored, saveStored } from '../lib/storage';
import { CaptureError, openDevices, wantsCamera, type Devices, type Mode } from './capture';
import type { Problem } from './phase';
import { captureProblem } from './problem';
import { SilenceDetector } from './silence';
import { AudioGraph } from './sound';

const modes: string[] = ['camera', 'screen', 'screen_camera', 'voice'] satisfies Mode[];

/** What is recorded from: the mode, camera and microphone as chosen last time, and their picture and level. */
export class Inputs {
  mode = $state<Mode>('camera');
  camera = $state(loadStored('recorder.camera', ''));
  microphone = $state<string | null>(loadStored('recorder.microphone', ''));
  cameras = $state.raw<MediaDeviceInfo[]>([]);
  microphones = $state.raw<MediaDeviceInfo[]>([]);
  stream = $state.raw<MediaStream | null>(null);
  problem = $state.raw<Problem | null>(null);
  opening = $state(false);
  level = $state(0); // root mean square, 0–1
  silent = $state(false); // nothing has been heard for a while

  #sound: AudioGraph | null = null;
  #silence = new SilenceDetector();
  #pending: { key: string; stream: Promise<MediaStream | null> } | null = null; // what the browser is opening
  #key = ''; // what `stream` was opened for
  #generation = 0; // how often all was let go

  /** `asked` is the mode a link names; without one it is the mode of last time. */
  constructor(able: (m: Mode) => boolean, asked: string | null = null) {
    const known = [asked, loadStored<string>('recorder.mode', 'camera')].filter((m): m is Mode => m !== null && modes.includes(m));
    this.mode = known.find(able) ?? 'camera';
  }

  /** The audio graph; made on first use, as browsers require a user gesture before. */
  get sound(): AudioGraph {
    return (this.#sound ??= new AudioGraph((rms) => this.#onLevel(rms)));
  }

  get wantedDevices(): Devices {
    return {
      camera: wantsCamera(this.mode) ? this.camera : null,
      microphone: this.mode === 'voice' ? (this.microphone ?? '') : this.microphone,
    };
  }

  /** Lists the devices, and opens them when permission is granted already. Ends with the signal. */
  async begin(signal: AbortSignal) {
    const list = () => void this.#listDevices();
    navigator.mediaDevices.addEventListener('devicechange', list, { signal });
    signal.addEventListener('abort', () => this.close());
    await this.#listDevices();
    if ((await this.#hasPermission()) && !signal.aborted) await this.open().catch(() => {});
  }

  async updateChoice(change: Partial<{ mode: Mode; camera: string; microphone: string | null }>) {
    Object.assign(this, change);
    for (const [key, value] of Object.entries(change)) saveStored(`recorder.${key}`, value);
    this.problem = null;
    const life = this.#generation;
    if ((this.stream || (await this.#hasPermission())) && life === this.#generation) await this.open().catch(() => {});
  }

  /**
   * Camera and microphone as wanted now: the ones that are open, or about to be, if they fit. Null when
   * nothing is wanted or all was let go meanwhile. Throws CaptureError, and says it in `problem`.
   */
  open(): Promise<MediaStream | null> {
    const wanted = this.wantedDevices;
    const key = JSON.stringify(wanted);
    if (this.#pending?.key === key) return this.#pending.stream;
    if (this.stream && key === this.#key && this.stream.getTracks().every((t) => t.readyState === 'live'))
      return Promise.resolve(this.stream);
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
      this.#silence.reset();
      await this.sound.meterMicrophone(stream);
      void this.#listDevices(); // browsers give the names only after permission
      return coming === this.#pending ? stream : this.#discardStream(stream);
    } catch (e) {
      if (coming === this.#pending && e instanceof CaptureError) this.problem = captureProblem(e.reason, e.asked);
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
  }

  /** Resets the silence detector: a pause is no silence. */
  resetSilence() {
    this.#silence.reset();
    this.silent = false;
  }

  #stopStream() {
    stopTracks(this.stream);
    this.stream = null;
    this.level = 0;
    this.silent = false;
  }

  #onLevel(rms: number) {
    this.level = rms;
    this.silent = this.stream !== null && this.stream.getAudioTracks().length > 0 && this.#silence.addLevel(rms, performance.now());
  }

  async #listDevices() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.cameras = all.filter((d) => d.kind === 'videoinput' && d.deviceId);
    this.microphones = all.filter((d) => d.kind === 'audioinput' && d.deviceId && d.deviceId !== 'default');
  }

  /** Whether what is wanted may be used without a question of the browser. */
  async #hasPermission(): Promise<boolean> {
    const names = [this.wantedDevices.camera !== null && 'camera', this.wantedDevices.microphone !== null && 'microphone'].filter(
      (n) => n !== false,
    );
    try {
      const states = await Promise.all(names.map((name) => navigator.permissions.query({ name: name as PermissionName })));
      return states.length > 0 && states.every((s) => s.state === 'granted');
    } catch {
      return false; // a browser that does not tell: ask when recording starts
    }
  }
}

function stopTracks(stream: MediaStream | null) {
  for (const t of stream?.getTracks() ?? []) t.stop();
}
