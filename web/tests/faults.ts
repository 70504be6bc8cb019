import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './story';

type Kind = 'audioinput' | 'videoinput' | 'screen';

interface DeviceFaults {
  /** Takes away what is open of this kind. */
  unplug(kind: Kind): void;
  /** Takes away all of this kind. */
  remove(kind: Kind): void;
  /** Gives everything back. */
  plugIn(kind: Kind): void;
  /** Ends what is open of this kind, and refuses it from now on. */
  forbid(kind: Kind): void;
  mute(kind: Kind): void;
  unmute(kind: Kind): void;
  /** How long (ms) opening a device takes from now on, and for how many devices. */
  stall: { ms: number; times: number };
}

/**
 * Lets a story take Chromium's fake devices away: their tracks end as they do when a cable is pulled, they leave the
 * list of devices, and cannot be opened until they are back. A shared screen is small: a computer that cannot keep up with
 * a large one drops sound. Must be called before the page is opened.
 */
export async function allowUnplugging(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const media = navigator.mediaDevices;
    const open = media.getUserMedia.bind(media);
    const list = media.enumerateDevices.bind(media);
    const unplugged = new Set<string>(); // names
    const removed = new Set<Kind>();
    const forbidden = new Set<Kind>();
    const tracks = new Set<MediaStreamTrack>();
    const screens = new WeakSet<MediaStreamTrack>();
    const kindOf = (t: MediaStreamTrack): Kind => (screens.has(t) ? 'screen' : t.kind === 'audio' ? 'audioinput' : 'videoinput');
    const bare = (label: string) => label.replace(/^Default - /, '');

    media.enumerateDevices = async () => (await list()).filter((d) => !removed.has(d.kind as Kind) && !unplugged.has(bare(d.label)));

    const waitForAnswer = async () => {
      if (faults.stall.times-- <= 0) return;
      const until = performance.now() + faults.stall.ms;
      while (performance.now() < until && faults.stall.ms > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };

    let opened = 0;
    const openKind = async (kind: Kind, wanted: MediaTrackConstraints | boolean): Promise<MediaStreamTrack> => {
      document.documentElement.dataset.opened = String(++opened);
      await waitForAnswer();
      if (forbidden.has(kind)) throw new DOMException('', 'NotAllowedError');
      if (removed.has(kind)) throw new DOMException('', 'NotFoundError');
      const key = kind === 'audioinput' ? 'audio' : 'video';
      const track = (await open({ [key]: wanted })).getTracks()[0]!;
      if (!removed.has(kind) && !unplugged.has(bare(track.label))) return track;
      track.stop();
      const named = typeof wanted === 'object' && wanted.deviceId !== undefined;
      const next = (await media.enumerateDevices()).find((d) => d.kind === kind);
      if (named || !next) throw new DOMException('', named ? 'OverconstrainedError' : 'NotFoundError');
      return (await open({ [key]: { deviceId: { exact: next.deviceId } } })).getTracks()[0]!;
    };
    media.getUserMedia = async (c) => {
      const got: MediaStreamTrack[] = [];
      if (c?.audio) got.push(await openKind('audioinput', c.audio));
      if (c?.video) got.push(await openKind('videoinput', c.video));
      for (const t of got) tracks.add(t);
      return new MediaStream(got);
    };

    const share = media.getDisplayMedia.bind(media);
    media.getDisplayMedia = async (o) => {
      const got = await share(o);
      for (const t of got.getVideoTracks()) await t.applyConstraints({ width: 640, height: 360, frameRate: 15 });
      for (const t of got.getTracks()) {
        screens.add(t);
        tracks.add(t);
      }
      return got;
    };

    const setMuted = (kind: Kind, muted: boolean) => {
      for (const t of tracks) {
        if (kindOf(t) !== kind || t.readyState !== 'live') continue;
        Object.defineProperty(t, 'muted', { value: muted, configurable: true });
        t.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
      }
    };
    const end = (kind: Kind) => {
      const gone = [...tracks].filter((t) => kindOf(t) === kind && t.readyState === 'live');
      for (const t of gone) t.stop();
      for (const t of gone) t.dispatchEvent(new Event('ended'));
      media.dispatchEvent(new Event('devicechange'));
    };
    const faults: DeviceFaults = {
      unplug(kind) {
        for (const t of tracks) if (kindOf(t) === kind && t.readyState === 'live') unplugged.add(bare(t.label));
        end(kind);
      },
      remove(kind) {
        removed.add(kind);
        end(kind);
      },
      plugIn() {
        unplugged.clear();
        removed.clear();
        forbidden.clear();
        media.dispatchEvent(new Event('devicechange'));
      },
      forbid(kind) {
        forbidden.add(kind);
        end(kind);
      },
      mute: (kind) => setMuted(kind, true),
      unmute: (kind) => setMuted(kind, false),
      stall: { ms: 0, times: 0 },
    };
    (globalThis as unknown as { deviceFaults: DeviceFaults }).deviceFaults = faults;
  });
}

const fault = (page: Page, what: Exclude<keyof DeviceFaults, 'stall'>, kind: Kind) =>
  page.evaluate(([what, kind]) => (globalThis as unknown as { deviceFaults: DeviceFaults }).deviceFaults[what](kind), [
    what,
    kind,
  ] as const);

/** Takes away what is open of this kind; another one may be left. */
export const unplug = (page: Page, kind: Kind): Promise<void> => fault(page, 'unplug', kind);

/** Takes all of this kind away. */
export const removeAll = (page: Page, kind: Kind): Promise<void> => fault(page, 'remove', kind);

/** Withdraws the permission for all of this kind, as in the browser's settings. */
export const forbid = (page: Page, kind: Kind): Promise<void> => fault(page, 'forbid', kind);

/** Gives everything back that was taken away. */
export const plugIn = (page: Page, kind: Kind): Promise<void> => fault(page, 'plugIn', kind);

/** Mutes what is open of this kind, as a call or a switch does, or ends that. */
export const muteTracks = (page: Page, kind: Kind, muted: boolean): Promise<void> => fault(page, muted ? 'mute' : 'unmute', kind);

/** Lets the browser answer so much later (ms; Infinity: never) when a page opens a device, so many times. */
export const stallOpening = (page: Page, ms: number, times = ms === 0 ? 0 : 9): Promise<void> =>
  page.evaluate(
    ([ms, times]) => void Object.assign((globalThis as unknown as { deviceFaults: DeviceFaults }).deviceFaults.stall, { ms, times }),
    [ms, times] as const,
  );

/**
 * Keeps the countdown before a recording where it is until `releaseCountdown`: a busy computer would be over it before the
 * story has done its part. Must be called before the page is opened.
 */
export async function holdCountdown(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const every = globalThis.setInterval.bind(globalThis) as (run: () => void, ms?: number) => number;
    const state = Object.assign(globalThis, { countdownIsHeld: true });
    const ofCountdown = (run: () => void) => () => {
      if (!state.countdownIsHeld) run();
    };
    Object.assign(globalThis, { setInterval: (run: () => void, ms?: number) => every(ms === 1000 ? ofCountdown(run) : run, ms) });
  });
}

export const releaseCountdown = (page: Page): Promise<void> =>
  page.evaluate(() => void Object.assign(globalThis, { countdownIsHeld: false }));

/** Waits until a clip is finished: on a busy computer for long. */
export async function clipIsReady(page: Page, clip: string): Promise<void> {
  const state = async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { state: string }).state;
  await expect.poll(state, { timeout: 90_000 }).toBe('ready');
}

/** Waits until a clip is finished, and returns its original. */
export async function downloadOriginal(page: Page, clip: string): Promise<Buffer> {
  await clipIsReady(page, clip);
  const answer = await page.request.get(`/api/v1/clips/${clip}/media/original`);
  expect(answer.status()).toBe(200);
  const original = await answer.body();
  await writeFile(test.info().outputPath(`original-${clip}`), original); // to look at where the story fails
  return original;
}

/** Lets a story reach the audio graphs of the page. Must be called before the page is opened. */
export async function exposeAudioGraphs(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const graphs: AudioContext[] = [];
    Object.assign(globalThis, { graphs, resumeGraph: AudioContext.prototype.resume });
    globalThis.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        graphs.push(this);
      }
    };
  });
}

/** Stops the audio graphs of the page, as a call or sleep does. */
export const interruptSound = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (const graph of (globalThis as unknown as { graphs: AudioContext[] }).graphs) if (graph.state === 'running') await graph.suspend();
  });

/** Keeps the audio graphs of the page from running until `releaseSound`, as a call does on a phone. */
export const holdSound = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    AudioContext.prototype.resume = () => Promise.reject(new DOMException('', 'InvalidStateError'));
    for (const graph of (globalThis as unknown as { graphs: AudioContext[] }).graphs) if (graph.state === 'running') await graph.suspend();
  });

export const releaseSound = (page: Page): Promise<void> =>
  page.evaluate(() => {
    AudioContext.prototype.resume = (globalThis as unknown as { resumeGraph: typeof AudioContext.prototype.resume }).resumeGraph;
    document.dispatchEvent(new Event('visibilitychange'));
  });

/** Gives the page audio graphs that never run, as where there is no sound output. Must be called before the page is opened. */
export async function denySoundOutput(page: Page): Promise<void> {
  await page.addInitScript(() => {
    AudioContext.prototype.resume = () => Promise.resolve();
    globalThis.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        void this.suspend();
      }
    };
  });
}
