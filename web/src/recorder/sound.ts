/** One audio graph: the microphone's level, and microphone and shared sound mixed into one track. */
export class AudioGraph {
  #context: AudioContext;
  #meter: Promise<AudioWorkletNode>;
  #metered: MediaStreamAudioSourceNode | null = null;

  constructor(onlevel: (rms: number) => void) {
    this.#context = new AudioContext({ sampleRate: 48_000 });
    this.#meter = this.#context.audioWorklet.addModule(new URL('./level.worklet.js', import.meta.url)).then(() => {
      const node = new AudioWorkletNode(this.#context, 'level', { numberOfOutputs: 0 });
      node.port.onmessage = (e: MessageEvent<number>) => onlevel(e.data);
      return node;
    });
    this.#meter.catch(() => {}); // without a meter everything else still works
  }

  /** Meters the level of this microphone from now on. */
  async meterMicrophone(microphone: MediaStream | null) {
    this.#metered?.disconnect();
    this.#metered = microphone?.getAudioTracks().length ? this.#context.createMediaStreamSource(microphone) : null;
    void this.#context.resume(); // suspended until a click on the page
    const source = this.#metered;
    try {
      const node = await this.#meter;
      if (source === this.#metered) source?.connect(node);
    } catch {
      // see above
    }
  }

  /** All the sound of these streams in one track, or null when there is none. */
  mixStreams(streams: (MediaStream | null)[]): MediaStreamTrack | null {
    const heard = streams.filter((s): s is MediaStream => !!s?.getAudioTracks().length);
    if (heard.length === 0) return null;
    void this.#context.resume();
    const out = this.#context.createMediaStreamDestination();
    for (const s of heard) this.#context.createMediaStreamSource(s).connect(out);
    return out.stream.getAudioTracks()[0]!;
  }

  close() {
    void this.#context.close().catch(() => {});
  }
}
