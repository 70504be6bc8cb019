import { trackProcessor } from './codecsRecorder';
import { recorderOptions, type EncoderType } from './types';

/** Codecs of WebCodecs that fit into WebM, with the name that a file's type has for them; the lighter one first. */
const pictureCodecs = [
  { name: 'vp8', codec: 'vp8' },
  { name: 'vp9', codec: 'vp09.00.31.08' },
];

const audioConfig: AudioEncoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 };

/** How WebCodecs would record picture and sound in this browser; null where it cannot. */
export async function findCodecsType(sound: boolean, screen: boolean): Promise<EncoderType | null> {
  if (typeof VideoEncoder !== 'function' || typeof AudioEncoder !== 'function' || !trackProcessor()) return null;
  if (sound && !(await canEncodeSound(screen))) return null;
  for (const { name, codec } of pictureCodecs) {
    if (!(await canEncodePicture(codec, screen))) continue;
    return { mimeType: `video/webm;codecs=${name}${sound ? ',opus' : ''}`, soundAlone: false, usesCodecs: true };
  }
  return null;
}

async function canEncodeSound(screen: boolean): Promise<boolean> {
  const config = { ...audioConfig, bitrate: recorderOptions('', screen).audioBitsPerSecond };
  return isSupported(() => AudioEncoder.isConfigSupported(config));
}

async function canEncodePicture(codec: string, screen: boolean): Promise<boolean> {
  const size = screen ? { width: 1920, height: 1080 } : { width: 1280, height: 720 };
  const bitrate = recorderOptions('', screen).videoBitsPerSecond;
  return isSupported(() => VideoEncoder.isConfigSupported({ codec, ...size, bitrate, latencyMode: 'realtime' }));
}

/** A browser that does not know a codec's name throws. */
async function isSupported(ask: () => Promise<{ supported?: boolean }>): Promise<boolean> {
  try {
    return (await ask()).supported === true;
  } catch {
    return false;
  }
}
