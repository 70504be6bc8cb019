/** Sound of one channel; samples are −1 to 1. */
export interface Sound {
  samples: Float32Array;
  rate: number; // samples a second
}

const HEAD = 44; // bytes before the samples

/** The sound as a WAV file: 16-bit PCM, https://www.rfc-editor.org/rfc/rfc2361. */
export function encodeWave({ samples, rate }: Sound): ArrayBuffer {
  const file = new DataView(new ArrayBuffer(HEAD + samples.length * 2));
  const text = (at: number, word: string) => [...word].forEach((c, i) => file.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  file.setUint32(4, file.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  file.setUint32(16, 16, true); // bytes of the format
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, rate, true);
  file.setUint32(28, rate * 2, true); // bytes a second
  file.setUint16(32, 2, true); // bytes a sample
  file.setUint16(34, 16, true); // bits a sample
  text(36, 'data');
  file.setUint32(40, samples.length * 2, true);
  samples.forEach((s, i) => file.setInt16(HEAD + i * 2, Math.round(Math.max(-1, Math.min(1, s)) * 32767), true));
  return file.buffer;
}

/** Two soft notes, by which a speaker is found. */
export function makeTestTone(rate = 24_000): Sound {
  const note = 0.35; // s
  const notes = [523.25, 659.25]; // Hz
  const samples = new Float32Array(Math.round(rate * note * notes.length));
  for (let i = 0; i < samples.length; i++) {
    const at = i / rate;
    const within = (at % note) / note; // each note fades in and out: no clicks
    const pitch = notes[Math.min(notes.length - 1, Math.floor(at / note))]!;
    samples[i] = 0.3 * Math.sin(Math.PI * within) * Math.sin(2 * Math.PI * pitch * at);
  }
  return { samples, rate };
}
