import type { Page } from '@playwright/test';

/** Hz: what the fake microphone of `useMarkedDevices` gives before a click on Stop or Pause, and after it. */
export const BEFORE = 400;
export const AFTER = 1000;
/** Later in a pause: so that the end of a pause is not taken for its beginning. */
export const PAUSED = 600;

/**
 * Replaces what comes from microphone and camera by a tone and a dark picture, which become another tone and a bright picture at the
 * very moment of a click on Stop or Pause, and what they were at "Go on": where a recording holds the second ones, nothing
 * before the click is missing. They are made in a worker, so that a busy page does not delay them.
 */
export async function useMarkedDevices(page: Page): Promise<void> {
  await page.addInitScript(
    ({ BEFORE, AFTER, PAUSED }) => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const share = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);

      const make = (BEFORE: number) => {
        const STEP = 480; // samples: 10 ms
        const canvas = new OffscreenCanvas(640, 360);
        const pen = canvas.getContext('2d', { alpha: false })!;
        const outs: { kind: string; to: WritableStreamDefaultWriter<AudioData | VideoFrame> }[] = [];
        const began = performance.now();
        let sent = 0; // samples
        let pictures = 0;
        let phase = 0; // of the tone
        let tone = BEFORE;

        const give = (kind: string, make: () => AudioData | VideoFrame) => {
          for (const out of outs.filter((o) => o.kind === kind)) {
            const piece = make();
            out.to.write(piece).catch(() => piece.close());
          }
        };
        const giveSound = (timestamp: number) => {
          const data = new Float32Array(STEP);
          for (let i = 0; i < STEP; i++) {
            phase += (2 * Math.PI * tone) / 48_000;
            data[i] = 0.4 * Math.sin(phase);
          }
          const format = 'f32-planar' as const;
          give('audio', () => new AudioData({ format, sampleRate: 48_000, numberOfFrames: STEP, numberOfChannels: 1, timestamp, data }));
        };
        const givePicture = (timestamp: number) => {
          pen.fillStyle = tone === BEFORE ? '#111' : '#fff';
          pen.fillRect(0, 0, 640, 360);
          pen.fillStyle = `hsl(${pictures % 360} 80% 50%)`; // no picture is like the one before
          pen.fillRect((pictures * 8) % 640, 340, 40, 20);
          give('video', () => new VideoFrame(canvas, { timestamp }));
        };
        const next = () => {
          const now = performance.now() - began;
          for (; (sent / 48_000) * 1000 < now; sent += STEP) giveSound(Math.round((began + (sent / 48_000) * 1000) * 1000));
          if (Math.floor((now * 30) / 1000) > pictures) {
            pictures = Math.floor((now * 30) / 1000);
            givePicture(Math.round((began + now) * 1000));
          }
          setTimeout(next, 4);
        };
        self.onmessage = ({ data }: MessageEvent<{ tone?: number; kind?: string; out?: WritableStream<AudioData | VideoFrame> }>) => {
          tone = data.tone ?? tone;
          if (data.out) outs.push({ kind: data.kind!, to: data.out.getWriter() });
        };
        next();
      };
      const code = URL.createObjectURL(new Blob([`(${make.toString()})(${BEFORE})`], { type: 'text/javascript' }));
      let worker: Worker | undefined;
      let later: ReturnType<typeof setTimeout> | undefined;
      const marked = (real: MediaStreamTrack): MediaStreamTrack => {
        worker ??= new Worker(code);
        const Generator = (
          globalThis as unknown as {
            MediaStreamTrackGenerator: new (o: { kind: string }) => MediaStreamTrack & { writable: WritableStream };
          }
        ).MediaStreamTrackGenerator;
        const track = new Generator({ kind: real.kind });
        worker.postMessage({ kind: real.kind, out: track.writable }, [track.writable]);
        const settings = real.getSettings();
        Object.defineProperty(track, 'label', { value: real.label });
        real.stop();
        return Object.assign(track, { getSettings: () => ({ ...settings, width: 640, height: 360 }) });
      };
      navigator.mediaDevices.getUserMedia = async (c) => new MediaStream((await open(c)).getTracks().map(marked));
      navigator.mediaDevices.getDisplayMedia = async (c) => new MediaStream((await share(c)).getVideoTracks().map(marked));

      window.addEventListener(
        'click',
        ({ target }) => {
          const name = (target as Element).closest('button')?.textContent.trim() ?? '';
          clearTimeout(later);
          if (/^(Stop|Pause)$/.test(name)) worker?.postMessage({ tone: AFTER });
          if (name === 'Pause') later = setTimeout(() => worker?.postMessage({ tone: PAUSED }), 1500);
          if (name === 'Go on') worker?.postMessage({ tone: BEFORE });
        },
        true,
      );
    },
    { BEFORE, AFTER, PAUSED },
  );
}
