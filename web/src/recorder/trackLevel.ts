/**
 * The loudness of a microphone where no audio graph runs: a moment of it is recorded and decoded, again and again. Decoding
 * needs no sound card.
 */

const MOMENT = 400; // ms
const RATE = 48000;

export class TrackLevel {
  #hasEnded = false;

  /** `track` is asked before each moment; null: there is nothing to listen to now. */
  constructor(track: () => MediaStreamTrack | null, onlevel: (rms: number) => void) {
    void this.#run(track, onlevel);
  }

  stop() {
    this.#hasEnded = true;
  }

  async #run(track: () => MediaStreamTrack | null, onlevel: (rms: number) => void) {
    while (!this.#hasEnded) {
      const now = track();
      if (now?.readyState !== 'live') await waitFor(MOMENT);
      else {
        const rms = await measureTrack(now).catch(() => null);
        if (rms === null) return; // a browser that does not decode what it records
        if (!this.#hasEnded && track() === now) onlevel(rms);
      }
    }
  }
}

const waitFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function measureTrack(track: MediaStreamTrack): Promise<number> {
  const bytes = await (await recordMoment(track)).arrayBuffer();
  if (bytes.byteLength === 0) return 0;
  const sound = await new OfflineAudioContext(1, RATE, RATE).decodeAudioData(bytes);
  return rootMeanSquare(sound.getChannelData(0));
}

async function recordMoment(track: MediaStreamTrack): Promise<Blob> {
  const recorder = new MediaRecorder(new MediaStream([track]));
  const parts: Blob[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    recorder.ondataavailable = ({ data }) => void parts.push(data);
    recorder.onstop = () => resolve();
    recorder.onerror = () => reject(new Error('not recorded'));
  });
  recorder.start();
  await waitFor(MOMENT);
  if (recorder.state !== 'inactive') recorder.stop();
  await ended;
  return new Blob(parts);
}

export function rootMeanSquare(samples: Float32Array): number {
  const sum = samples.reduce((total, s) => total + s * s, 0);
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
