/** Tells the loudness (root mean square, 0–1) of what it hears, about twenty times a second, hidden tab or not. */
const PERIOD = sampleRate / 20;

class Level extends AudioWorkletProcessor {
  #sum = 0;
  #count = 0;

  process([input]) {
    const samples = input?.[0];
    if (samples) for (const s of samples) this.#sum += s * s;
    this.#count += samples?.length ?? 128;
    if (this.#count >= PERIOD) {
      this.port.postMessage(Math.sqrt(this.#sum / this.#count));
      this.#sum = this.#count = 0;
    }
    return true;
  }
}

registerProcessor('level', Level);
