import { loadStored, saveStored } from '../lib/storage';
import { speakerProblem } from './problem/check';
import type { Device } from './devices';
import { listSpeakers, playSound } from './playSound';
import type { Sound } from './wave';

/** Firefox lists speakers only after the person has chosen one in its own window (https://w3c.github.io/mediacapture-output/). */
type OutputDevices = MediaDevices & { selectAudioOutput?: () => Promise<MediaDeviceInfo> };

/** Where the echo and the test tone are played; the choice is remembered in this browser. */
export class Speaker {
  /** The id that was chosen; '' is the browser's default. */
  chosen = $state(loadStored('recorder.speaker', ''));
  devices = $state.raw<Device[]>([]);
  playing = $state<'echo' | 'tone' | null>(null);
  problem = $state('');
  /** What is played through: the chosen one, or the default while that is not plugged in. */
  used = $derived(this.devices.find((d) => d.id === this.chosen) ?? null);

  readonly #canChoose = 'setSinkId' in HTMLMediaElement.prototype;
  readonly #output = navigator.mediaDevices as OutputDevices | undefined;

  /** Whether there is a list to choose from. */
  get hasList(): boolean {
    return this.#canChoose && this.devices.length > 0;
  }

  /** Whether the browser offers a window of its own in which to choose. */
  get hasPicker(): boolean {
    return this.#canChoose && typeof this.#output?.selectAudioOutput === 'function';
  }

  setDevices(all: MediaDeviceInfo[]) {
    this.devices = listSpeakers(all);
  }

  choose(id: string) {
    this.chosen = id;
    this.problem = '';
    saveStored('recorder.speaker', id);
  }

  /** Opens the browser's own window; a person who closes it has chosen nothing. */
  async chooseInBrowser() {
    const device = await this.#output?.selectAudioOutput?.().catch(() => null);
    if (!device) return;
    if (!this.devices.some((d) => d.id === device.deviceId)) {
      this.devices = [...this.devices, { id: device.deviceId, label: device.label }];
    }
    this.choose(device.deviceId);
  }

  /** Plays the sound once; a click while one is played does nothing. */
  async play(what: 'echo' | 'tone', sound: Sound) {
    if (this.playing) return;
    this.playing = what;
    this.problem = '';
    try {
      const outcome = await playSound(sound, this.used?.id ?? '');
      this.problem = speakerProblem(outcome, this.used?.label ?? '');
    } finally {
      this.playing = null;
    }
  }
}
