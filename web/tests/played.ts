import type { Page } from '@playwright/test';

/** A sound that the page has played by an element of its own. */
export interface PlayedSound {
  sink: string; // id of the speaker; '' is the default
  seconds: number;
  level: number; // root mean square, 0–1
  ended: boolean;
}

/** Notes the sounds that the page makes and plays. Must be called before the page is opened. */
export async function notePlayedSounds(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const played: PlayedSound[] = [];
    (globalThis as unknown as { played: PlayedSound[] }).played = played;
    const files = new Map<string, Blob>();
    const makeURL = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (of: Blob | MediaSource) => {
      const url = makeURL(of);
      if (of instanceof Blob && of.type === 'audio/wav') files.set(url, of);
      return url;
    };
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      const file = files.get(this.src);
      if (file) void note(this, file);
      return play.call(this);
    };
    async function note(element: HTMLMediaElement, file: Blob) {
      const sound: PlayedSound = {
        sink: (element as HTMLMediaElement & { sinkId?: string }).sinkId ?? '',
        seconds: 0,
        level: 0,
        ended: false,
      };
      played.push(sound);
      element.addEventListener('ended', () => (sound.ended = true));
      const graph = new OfflineAudioContext(1, 1, 48_000);
      const decoded = await graph.decodeAudioData(await file.arrayBuffer());
      const samples = decoded.getChannelData(0);
      sound.seconds = decoded.duration;
      sound.level = Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
    }
  });
}

export const playedSounds = (page: Page): Promise<PlayedSound[]> =>
  page.evaluate(() => (globalThis as unknown as { played: PlayedSound[] }).played);
