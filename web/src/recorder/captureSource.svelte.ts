import { combineStreams, openScreen, wantsScreen, type Capture, type Mode } from './capture';
import type { DeviceKind } from './devices';
import type { Inputs } from './inputs.svelte';
import type { Layout } from './layout';

/** Opens what a recording is made of: the screen first, then camera and microphone. */
export class CaptureSource {
  /** A screen that was chosen before a device turned out to be missing: the next attempt takes it. */
  keptScreen = $state.raw<MediaStream | null>(null);

  constructor(private inputs: Inputs) {}

  /** Rejects with a CaptureError. `onfixedlost`: a device is gone for which no other can stand in. A click must be behind it: the browser wants to see one before it shares a screen. */
  async open(mode: Mode, layout: Layout, onfixedlost: (kind: DeviceKind) => void): Promise<Capture> {
    const screen = wantsScreen(mode) ? await this.#takeScreen() : null;
    try {
      await this.inputs.open();
      await this.inputs.sound.isRunning(); // takes its time: a device may be another one afterwards
      const capture = await combineStreams(mode, screen, this.inputs.stream, this.inputs.sound, layout);
      return this.#followDevices(capture, onfixedlost);
    } catch (e) {
      this.#keepScreen(screen);
      throw e;
    }
  }

  /** Has the capture go on from the devices that are in use, until it is stopped. */
  #followDevices(capture: Capture, onfixedlost: (kind: DeviceKind) => void): Capture {
    this.inputs.fixed = capture.fixed;
    this.inputs.ontrack = (kind, track) => {
      if (track && kind === 'camera') capture.setCamera(track);
      if (!track && capture.fixed.includes(kind)) onfixedlost(kind);
    };
    capture.onstill((isStill) => this.inputs.cameraDevice.setStill(isStill));
    const stop = () => {
      this.inputs.cameraDevice.setStill(false); // nobody looks any more
      this.inputs.fixed = [];
      this.inputs.ontrack = () => {};
      capture.stop();
    };
    return { ...capture, stop };
  }

  /** Ends sharing the screen that was kept. */
  releaseScreen() {
    for (const t of this.keptScreen?.getTracks() ?? []) t.stop();
    this.keptScreen = null;
  }

  #takeScreen(): Promise<MediaStream> {
    const kept = this.keptScreen;
    this.keptScreen = null;
    return kept ? Promise.resolve(kept) : openScreen();
  }

  #keepScreen(screen: MediaStream | null) {
    this.releaseScreen();
    const track = screen?.getVideoTracks()[0];
    if (track?.readyState !== 'live') return;
    this.keptScreen = screen;
    track.addEventListener('ended', () => this.keptScreen === screen && this.releaseScreen(), { once: true });
  }
}
