import { GraphWatch } from './graphWatch';
import { worklets } from './preload';
import type { SoundLag } from './soundLag.svelte';
import type { Sound } from './wave';

/** How long (ms) a graph may take to hand out what it heard; one that stands still never does. */
const READ_PATIENCE = 1000;

/**
 * One audio graph: the microphone's level, and everything that is heard as one track. The microphone may be changed
 * for another one while that track is recorded. No sample rate is asked for: Firefox would resample between the
 * rate of the graph and that of the sound card, and records slow and low sound when it does not.
 */
export class AudioGraph {
  #context = new AudioContext();
  #meter: Promise<AudioWorkletNode>;
  #recent: Promise<AudioWorkletNode>;
  #microphone: MediaStreamAudioSourceNode | null = null;
  #outputs = new Set<MediaStreamAudioDestinationNode>();
  /** A track without any source gives nothing, not silence, and what comes later would move forward. */
  #silence: ConstantSourceNode;
  #watch: GraphWatch;

  /** `onstall` is called when the graph stands still, and when it runs again; `lag` looks at its clock. */
  constructor(onlevel: (rms: number) => void, onstall: (stalled: boolean) => void = () => {}, lag?: SoundLag) {
    this.#meter = this.#addNode('level');
    this.#recent = this.#addNode('recent');
    // Without them everything else still works.
    void this.#meter.then((node) => (node.port.onmessage = (e: MessageEvent<number>) => onlevel(e.data))).catch(() => {});
    this.#recent.catch(() => {});
    this.#silence = new ConstantSourceNode(this.#context, { offset: 0 });
    this.#silence.start();
    this.#watch = new GraphWatch(this.#context, onstall, (wall, sound) => lag?.addLook(wall, sound));
  }

  async #addNode(name: keyof typeof worklets): Promise<AudioWorkletNode> {
    await this.#context.audioWorklet.addModule(worklets[name]);
    return new AudioWorkletNode(this.#context, name, { numberOfOutputs: 0 });
  }

  /** Meters this microphone from now on, and mixes it into every track in place of the one before. */
  async connectMicrophone(microphone: MediaStreamTrack | null) {
    this.#microphone?.disconnect();
    const source = (this.#microphone = microphone ? this.#context.createMediaStreamSource(new MediaStream([microphone])) : null);
    for (const out of this.#outputs) source?.connect(out);
    this.#watch.resume(); // suspended until a click on the page
    try {
      const [meter, recent] = await Promise.all([this.#meter, this.#recent]);
      if (source !== this.#microphone) return;
      recent.port.postMessage('clear');
      source?.connect(meter);
      source?.connect(recent);
    } catch {
      // see above
    }
  }

  /** What the microphone gave in the last two seconds; empty where the graph hands nothing out. */
  async recentSound(): Promise<Sound> {
    const rate = this.#context.sampleRate;
    const nothing = { samples: new Float32Array(), rate };
    const recent = await this.#recent.catch(() => null);
    if (!recent) return nothing;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(nothing), READ_PATIENCE);
      recent.port.onmessage = (e: MessageEvent<Float32Array>) => (clearTimeout(timer), resolve({ samples: e.data, rate }));
      recent.port.postMessage('read');
    });
  }

  /** How much (s) it has rendered. */
  get time(): number {
    return this.#context.currentTime;
  }

  /** Whether the graph runs; waits a moment for one that is about to. */
  isRunning(): Promise<boolean> {
    this.#watch.resume();
    return this.#watch.isAdvancing();
  }

  /** The microphone, whichever it is at a time, and this sound in one track. */
  mixWith(other: MediaStream | null): MediaStreamTrack {
    const out = this.#context.createMediaStreamDestination();
    this.#outputs.add(out);
    this.#silence.connect(out);
    this.#microphone?.connect(out);
    if (other?.getAudioTracks().length) this.#context.createMediaStreamSource(other).connect(out);
    return out.stream.getAudioTracks()[0]!;
  }

  /** The mixed tracks are recorded no longer. */
  endMixes() {
    for (const out of this.#outputs) {
      for (const t of out.stream.getTracks()) t.stop();
      this.#microphone?.disconnect(out);
      this.#silence.disconnect(out);
    }
    this.#outputs.clear();
  }

  close() {
    this.#watch.stop();
    void this.#context.close().catch(() => {});
  }
}
