import { expect, type Page } from '@playwright/test';

interface Faults {
  /** Encoders whose type begins so give nothing. */
  silent: string;
  /** These encoders give nothing any more. */
  muted: MediaRecorder[];
  /** What these give next ends in the middle, and then they give nothing any more. */
  cut: MediaRecorder[];
  recorders: MediaRecorder[];
  tracks: MediaStreamTrack[];
  /** The one whose file is used; a busy page has another one ready beside it, which is younger. None between two. */
  live(): MediaRecorder | undefined;
  /** Makes it report an error, as one whose hardware is gone does, and returns whether there was one. */
  failLive(): boolean;
}

declare global {
  var faults: Faults;
}

export interface FaultOptions {
  silent?: string;
  hidden?: boolean;
  frameRate?: number;
  /** Cameras and screens give a small picture: a busy computer drops what its encoder cannot keep up with. */
  isSmall?: boolean;
  /** The only container that the browser says it can write pictures into. */
  container?: string;
}

/** Puts a page's recorders and tracks where a story can reach them. To be called before the page is opened. */
export const installFaults = (page: Page, options: FaultOptions = {}): Promise<unknown> => page.addInitScript(exposeFaults, options);

/** Runs in the pages of Chromium and Firefox. */
export function exposeFaults({ silent = '-', hidden = false, frameRate, isSmall = false, container = '' }: FaultOptions): void {
  const failed: MediaRecorder[] = [];
  const faults: Faults = (globalThis.faults = {
    silent,
    muted: [],
    cut: [],
    recorders: [],
    tracks: [],
    live: () => faults.recorders.find((r) => r.state === 'recording' && !failed.includes(r)),
    failLive() {
      const live = faults.live();
      if (live) failed.push(live);
      return live?.dispatchEvent(new Event('error')) ?? false;
    },
  });
  const Real = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends Real {
    static override isTypeSupported(type: string) {
      return (!type.startsWith('video/') || type.includes(container)) && Real.isTypeSupported(type);
    }
    constructor(stream: MediaStream, o?: MediaRecorderOptions) {
      super(stream, o);
      faults.recorders.push(this);
      // Heard before the page's own listeners, which come later.
      const isSilent = o?.mimeType?.startsWith(faults.silent);
      this.addEventListener('dataavailable', (e) => {
        if (isSilent || faults.muted.includes(this)) return e.stopImmediatePropagation();
        if (!faults.cut.includes(this) || e.data.size < 1000) return;
        e.stopImmediatePropagation();
        faults.cut = [];
        this.dispatchEvent(new BlobEvent('dataavailable', { data: e.data.slice(0, Math.floor(e.data.size * 0.6)) }));
        faults.muted.push(this);
      });
    }
  };
  const devices = navigator.mediaDevices;
  for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
    const real = devices[name].bind(devices);
    devices[name] = async (c?: MediaStreamConstraints) => {
      const stream = await real(c as MediaStreamConstraints);
      faults.tracks.push(...stream.getTracks());
      const size = isSmall ? { width: 320, height: 180 } : {};
      if (frameRate || isSmall) for (const t of stream.getVideoTracks()) await t.applyConstraints({ frameRate, ...size });
      return stream;
    };
  }
  if (hidden) Object.defineProperty(document, 'hidden', { get: () => true });
}

/** What the browser's own "Stop sharing" does. */
export async function stopSharing(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const track of globalThis.faults.tracks.filter((t) => t.readyState === 'live' && 'displaySurface' in t.getSettings())) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  });
}

/** Pauses the encoder for two seconds, of which the page knows nothing: they are missing in the file. */
export const pauseEncoder = (page: Page) =>
  page.evaluate(async () => {
    const [recorder] = globalThis.faults.recorders;
    recorder!.pause();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    recorder!.resume();
  });

/** The encoder that is at work reports an error. */
export const failEncoder = (page: Page) => expect.poll(() => page.evaluate(() => globalThis.faults.failLive())).toBe(true);

/** So does each one that takes its place: after four of them the recording ends. */
export async function failEncoders(page: Page, failures = 4): Promise<void> {
  for (let failed = 0; failed < failures; failed++) await failEncoder(page);
}

/** Puts a steady tone (Hz) in the place of what microphones hear. To be called before the page is opened. */
export const useTone = (page: Page, hertz: number): Promise<unknown> =>
  page.addInitScript((hertz) => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (c) => {
      const real = await open(c);
      const graph = new AudioContext();
      const tracks = real.getTracks().map((t) => {
        if (t.kind !== 'audio') return t;
        const out = graph.createMediaStreamDestination();
        const tone = new OscillatorNode(graph, { frequency: hertz });
        tone.connect(new GainNode(graph, { gain: 0.3 })).connect(out);
        tone.start();
        const [track] = out.stream.getAudioTracks();
        const settings = t.getSettings();
        t.stop();
        return Object.assign(Object.defineProperty(track!, 'label', { value: t.label }), { getSettings: () => settings });
      });
      return new MediaStream(tracks);
    };
  }, hertz);
