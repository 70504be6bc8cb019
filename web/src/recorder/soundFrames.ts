import { trackProcessor } from './codecsRecorder';

/** Sound that waits for a busy worker at most: one second, in parts of 10 ms. */
const SOUND_PARTS = 100;

/** The sound of a stream, to be encoded in a worker; null where there is none, or the browser has no WebCodecs. */
export function soundFramesOf(stream: MediaStream): ReadableStream<AudioData> | null {
  const Processor = trackProcessor();
  const [track] = stream.getAudioTracks();
  if (!Processor || !track || typeof AudioEncoder !== 'function') return null;
  return new Processor<AudioData>({ track, maxBufferSize: SOUND_PARTS }).readable;
}
