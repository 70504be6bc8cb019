/** Keeps the last two seconds of what it hears: "read" hands them out, oldest first, "clear" forgets them. */
const SECONDS = 2;

class Recent extends AudioWorkletProcessor {
  #ring = new Float32Array(Math.round(SECONDS * sampleRate));
  #next = 0; // where the next sample goes
  #filled = 0;

  constructor(options) {
    super(options);
    this.port.onmessage = (e) => {
      if (e.data === 'clear') this.#next = this.#filled = 0;
      else this.port.postMessage(this.#read());
    };
  }

  process([input]) {
    for (const sample of input?.[0] ?? []) {
      this.#ring[this.#next] = sample;
      this.#next = (this.#next + 1) % this.#ring.length;
    }
    this.#filled = Math.min(this.#ring.length, this.#filled + (input?.[0]?.length ?? 0));
    return true;
  }

  #read() {
    if (this.#filled < this.#ring.length) return this.#ring.slice(0, this.#filled);
    const samples = new Float32Array(this.#ring.length);
    samples.set(this.#ring.subarray(this.#next));
    samples.set(this.#ring.subarray(0, this.#next), this.#ring.length - this.#next);
    return samples;
  }
}

registerProcessor('recent', Recent);
