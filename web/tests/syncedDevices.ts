import type { Page } from '@playwright/test';

/** Hz; what the fake microphones of `useSyncedDevices` give at the start of each second. */
export const BEEP = 1000;
/** How long (s) flash and beep last. */
export const FLASH = 0.2;

/**
 * Replaces what comes from cameras and microphones by a flash and a beep that begin together at each second. The pictures
 * are made in a worker, so that a busy page does not delay them. To be called before `allowUnplugging`, and before the page is opened.
 */
export async function useSyncedDevices(page: Page): Promise<void> {
  await page.addInitScript(
    ({ BEEP, FLASH }) => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);

      /** Draws thirty pictures a second by the clock of the sound: `zero` is the wall clock (ms) at its second 0. */
      const draw = (FLASH: number) => {
        const canvas = new OffscreenCanvas(640, 360);
        const pen = canvas.getContext('2d', { alpha: false })!;
        let zero = 0;
        let picture = 0;
        let out: WritableStreamDefaultWriter<VideoFrame> | undefined;
        const next = () => {
          const now = (performance.timeOrigin + performance.now() - zero) / 1000;
          if (zero && out && Math.floor(now * 30) > picture) {
            picture = Math.floor(now * 30);
            pen.fillStyle = now % 1 < FLASH ? '#fff' : '#111';
            pen.fillRect(0, 0, 640, 360);
            pen.fillStyle = `hsl(${picture % 360} 80% 50%)`; // no picture is like the one before
            pen.fillRect((picture * 8) % 640, 340, 40, 20);
            const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
            out.write(frame).catch(() => frame.close());
          }
          setTimeout(next, 4);
        };
        self.onmessage = ({ data }: MessageEvent<{ zero?: number; out?: WritableStream<VideoFrame> }>) => {
          zero = data.zero ?? zero;
          out ??= data.out?.getWriter();
        };
        next();
      };
      const code = URL.createObjectURL(new Blob([`(${draw.toString()})(${FLASH})`], { type: 'text/javascript' }));

      let graph: AudioContext | undefined;
      let beeps: AudioNode | undefined;
      const makeBeeps = () => {
        graph = new AudioContext();
        const samples = graph.createBuffer(1, graph.sampleRate, graph.sampleRate);
        const second = samples.getChannelData(0);
        for (let i = 0; i < FLASH * graph.sampleRate; i++) second[i] = 0.5 * Math.sin((2 * Math.PI * BEEP * i) / graph.sampleRate);
        const source = new AudioBufferSourceNode(graph, { buffer: samples, loop: true });
        source.start(1);
        return source;
      };
      const wallClock = () => performance.timeOrigin + performance.now() - graph!.currentTime * 1000;

      const synced = (real: MediaStreamTrack): MediaStreamTrack => {
        beeps ??= makeBeeps();
        if (real.kind === 'audio') {
          const out = graph!.createMediaStreamDestination();
          beeps.connect(out);
          return out.stream.getAudioTracks()[0]!;
        }
        const Generator = (
          globalThis as unknown as {
            MediaStreamTrackGenerator: new (o: { kind: string }) => MediaStreamTrack & { writable: WritableStream };
          }
        ).MediaStreamTrackGenerator;
        const track = new Generator({ kind: 'video' });
        const worker = new Worker(code);
        worker.postMessage({ out: track.writable }, [track.writable]);
        setInterval(() => graph!.state === 'running' && worker.postMessage({ zero: wallClock() }), 100);
        return track;
      };

      navigator.mediaDevices.getUserMedia = async (c) => {
        const real = await open(c);
        const tracks = real.getTracks().map((t) => {
          const settings = t.getSettings();
          const track = Object.defineProperty(synced(t), 'label', { value: t.label });
          t.stop();
          return Object.assign(track, { getSettings: () => ({ ...settings, width: 640, height: 360 }) });
        });
        return new MediaStream(tracks);
      };
    },
    { BEEP, FLASH },
  );
}
