import type { Device } from './devices';
import { encodeWave, type Sound } from './wave';

/** `default`: the chosen speaker could not be used, and the default one was. */
export type PlayOutcome = 'played' | 'default' | 'failed';

/** How much longer (ms) than the sound itself playing may take. */
const PATIENCE = 3000;

/** The speakers of a computer, without the browser's own names for one of them. */
export function listSpeakers(all: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[]): Device[] {
  return all
    .filter((d) => d.kind === 'audiooutput' && d.deviceId !== '' && d.deviceId !== 'default' && d.deviceId !== 'communications')
    .map((d, i) => ({ id: d.deviceId, label: d.label || `Speaker ${i + 1}` }));
}

/** Plays the sound once through a speaker; '' is the browser's default. Resolves when it is over. */
export async function playSound(sound: Sound, speaker: string): Promise<PlayOutcome> {
  const url = URL.createObjectURL(new Blob([encodeWave(sound)], { type: 'audio/wav' }));
  const audio = new Audio(url);
  try {
    const used = await useSpeaker(audio, speaker);
    await playToEnd(audio, (sound.samples.length / sound.rate) * 1000 + PATIENCE);
    return used ? 'played' : 'default';
  } catch {
    return 'failed';
  } finally {
    audio.pause();
    URL.revokeObjectURL(url);
  }
}

/** False when the speaker is gone, or the browser does not let this page use it. */
async function useSpeaker(audio: HTMLMediaElement, speaker: string): Promise<boolean> {
  if (speaker === '') return true;
  try {
    await audio.setSinkId(speaker);
    return true;
  } catch {
    return false;
  }
}

function playToEnd(audio: HTMLMediaElement, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The sound does not end.')), limitMs);
    const fail = () => (clearTimeout(timer), reject(new Error('The sound cannot be played.')));
    audio.addEventListener('ended', () => (clearTimeout(timer), resolve()), { once: true });
    audio.addEventListener('error', fail, { once: true });
    audio.play().catch(fail);
  });
}
