import type { Page } from '@playwright/test';

/** A flash and a beep begin together, every so many seconds, and last a tenth of one. */
export const PERIOD = 2;

interface RecorderTimes {
  startedAt: number; // ms, performance.now()
  stoppedAt: number;
}

/**
 * Gives the page a camera of 1280×720 at 30 pictures a second that flashes when its microphone beeps, and notes when the
 * recorder starts and stops. Must be called before the page is opened.
 */
export async function installFlashAndBeep(page: Page): Promise<void> {
  await page.addInitScript((period) => {
    const openSound = async (): Promise<{ track: MediaStreamTrack; flashes: () => boolean }> => {
      const context = new AudioContext();
      await context.resume();
      const { sampleRate } = context;
      const buffer = context.createBuffer(1, period * sampleRate, sampleRate);
      const samples = buffer.getChannelData(0);
      for (let i = 0; i < sampleRate / 10; i++) samples[i] = 0.5 * Math.sin((2 * Math.PI * 1000 * i) / sampleRate);
      const source = new AudioBufferSourceNode(context, { buffer, loop: true });
      const out = context.createMediaStreamDestination();
      source.connect(out);
      const from = context.currentTime + 0.5;
      source.start(from);
      const flashes = () => context.currentTime >= from && (context.currentTime - from) % period < 0.1;
      return { track: out.stream.getAudioTracks()[0]!, flashes };
    };

    const openPicture = (flashes: () => boolean): MediaStreamTrack => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
      const pen = canvas.getContext('2d', { alpha: false })!;
      let lastAt = 0;
      const draw = (now: number) => {
        requestAnimationFrame(draw);
        if (now - lastAt < 30) return; // every other of sixty
        lastAt = now;
        pen.fillStyle = flashes() ? '#fff' : '#181820';
        pen.fillRect(0, 0, 1280, 720);
        pen.fillStyle = '#4b4a9c';
        pen.fillRect(((now / 8) % 1480) - 200, 260, 200, 200);
      };
      requestAnimationFrame(draw);
      return canvas.captureStream(30).getVideoTracks()[0]!;
    };

    let sound: ReturnType<typeof openSound> | undefined;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const { track, flashes } = await (sound ??= openSound());
      const tracks = [...(wanted?.audio ? [track.clone()] : []), ...(wanted?.video ? [openPicture(flashes)] : [])];
      for (const t of tracks) Object.defineProperty(t, 'label', { value: '' }); // a name that is in no list would count as unplugged
      return new MediaStream(tracks);
    };

    const times: RecorderTimes = { startedAt: 0, stoppedAt: 0 };
    (globalThis as unknown as { recorderTimes: RecorderTimes }).recorderTimes = times;
    const { start, stop } = MediaRecorder.prototype;
    MediaRecorder.prototype.start = function (slice) {
      start.call(this, slice);
      times.startedAt ||= performance.now();
    };
    MediaRecorder.prototype.stop = function () {
      times.stoppedAt = performance.now();
      stop.call(this);
    };
    addEventListener('pagehide', () => sessionStorage.setItem('bench.times', JSON.stringify(times)));
  }, PERIOD);
}

/** How long the recorder ran, in seconds; to be asked on the page that follows. */
export async function recorderSeconds(page: Page): Promise<number> {
  const times = JSON.parse((await page.evaluate(() => sessionStorage.getItem('bench.times')))!) as RecorderTimes;
  return (times.stoppedAt - times.startedAt) / 1000;
}
