import { once } from 'node:events';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { Api } from '../api';
import { decodedLength, soundSeconds } from '../decode';
import { Server } from '../server';
import { SoundDevice, type SoundOptions } from '../sound';
import { launchFirefox, type Inputs } from './browser';

export type Mode = 'voice' | 'camera' | 'screen' | 'screen_camera';

interface StudioOptions extends SoundOptions {
  inputs: Inputs;
  /** The folder of a profile that outlives its Firefox. */
  profile?: string;
}

/** What the stories of the recorder need: a server that is set up and transcribes nothing, a sound device and a Firefox. */
export class Studio {
  private page?: Page; // Firefox opens devices only for the page that is looked at

  private constructor(
    readonly server: Server,
    readonly api: Api,
    readonly sound: SoundDevice,
    public browser: Browser,
    private readonly options: StudioOptions,
  ) {}

  static async start(options: StudioOptions): Promise<Studio> {
    const [server, sound] = await Promise.all([Server.start([], false), SoundDevice.start(options)]);
    const [api, browser] = await Promise.all([Api.setUp(server.base), launchFirefox(sound, options.inputs, options.profile)]);
    return new Studio(server, api, sound, browser, options);
  }

  /**
   * Opens the recorder with this mode chosen, for a person who is signed in and unknown to this Firefox; `context`: where
   * she is known. `prepare` may add scripts before the page comes.
   */
  async openRecorder(
    mode: Mode,
    prepare: (page: Page) => Promise<unknown> = async () => {},
    context?: BrowserContext,
  ): Promise<RecorderPage> {
    const where = context ?? (await this.browser.createBrowserContext());
    const { hostname } = new URL(this.server.base);
    for (const [name, value] of this.api.cookies) await where.setCookie({ name: name!, value: value!, domain: hostname, path: '/' });
    await this.page?.close();
    const page = (this.page = await where.newPage());
    await page.setViewport({ width: 1280, height: 900 });
    await page.evaluateOnNewDocument(measureEncoders);
    await prepare(page);
    const recorder = new RecorderPage(page, this.server.base);
    await recorder.open(mode);
    await page.bringToFront();
    return recorder;
  }

  /** Ends Firefox as a power cut would, and starts another one with the same profile. */
  async killFirefox(): Promise<void> {
    const process = this.browser.process()!;
    const gone = once(process, 'exit');
    process.kill('SIGKILL');
    await gone;
    this.page = undefined;
    this.browser = await launchFirefox(this.sound, this.options.inputs, this.options.profile);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.sound.close();
    await this.server.close();
  }
}

/** The page of the recorder. */
export class RecorderPage {
  constructor(
    readonly page: Page,
    private readonly base: string,
  ) {}

  async open(mode: Mode): Promise<void> {
    await this.page.goto(`${this.base}/record`);
    const radio = `input[name=mode][value=${mode}]`;
    await this.page.waitForSelector(radio);
    await this.page.$eval(radio, (r) => (r as HTMLInputElement).click()); // the label is what is seen
  }

  /** Clicks the button whose label begins so. */
  async click(label: string): Promise<void> {
    const path = `//button[starts-with(normalize-space(), "${label}") or @aria-label="${label}"]`;
    await this.page.locator(`::-p-xpath(${path})`).click();
  }

  /** Records from now on. */
  async begin(): Promise<void> {
    await this.click('Record ');
    await this.click('Start now');
    await this.page.waitForSelector('[role=timer]');
  }

  /** Waits until the clock shows so many seconds. */
  async recorded(seconds: number): Promise<void> {
    await this.wait((wanted) => {
      const [m = 0, s = 0] = (document.querySelector('[role=timer]')?.textContent ?? '').split(':').map(Number);
      return m * 60 + s >= wanted;
    }, seconds);
  }

  /** Waits until the page says so. */
  shows(words: string): Promise<void> {
    return this.wait((text) => document.body.innerText.includes(text), words);
  }

  /** Waits until the page says so no longer. */
  hides(words: string): Promise<void> {
    return this.wait((text) => !document.body.innerText.includes(text), words);
  }

  /** On the page of a clip whose recording ended by itself: goes on in the same clip. */
  async goOn(): Promise<void> {
    await this.page.locator('::-p-xpath(//a[normalize-space()="Go on in the same clip"])').click();
    await this.shows('Go on recording');
    await this.begin();
  }

  async stop(): Promise<Recorded> {
    await this.click('Stop');
    return this.waitForClip();
  }

  /** Waits for the page of the clip; also after a recording that ended by itself. */
  async waitForClip(): Promise<Recorded> {
    await this.wait((path) => new RegExp(path).test(location.pathname), '/c/[0-9A-Z]{26}');
    const clip = await this.page.evaluate(() => location.pathname.slice('/c/'.length));
    return { clip, ...(await this.runTime()) };
  }

  /** How long (s) the encoder has been running, or ran. */
  runTime(): Promise<RunTime> {
    return this.page.evaluate(() => {
      const { wall, sound } = readClocks();
      return { seconds: wall, late: Math.max(0, wall - sound) };
    });
  }

  /** What was recorded: as long as the encoder ran, less what the computer was too busy to hear, which the clip's page says. */
  async expectWholeSound({ clip, seconds, late }: Recorded, api: Api): Promise<Buffer> {
    const original = await api.downloadOriginal(clip);
    const length = soundSeconds(original);
    const known = `${length} s of sound, the encoder ran ${seconds} s, of which ${late} s were not heard`;
    expect(length, known).toBeGreaterThan(seconds - late - ON_ITS_WAY);
    expect(length, known).toBeLessThan(seconds + 0.3);
    if (seconds - length > 1) await this.shows('shorter than the recorder’s clock showed');
    return original;
  }

  /** Waits by the clock: a window that nobody sees draws nothing. What it waited for in vain is told with what the page says. */
  private async wait<A>(is: (wanted: A) => boolean, wanted: A): Promise<void> {
    try {
      await this.page.waitForFunction(is as (wanted: unknown) => boolean, { polling: 100, timeout: 45_000 }, wanted);
    } catch (e) {
      const text = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`waited in vain for ${is.toString()} ${JSON.stringify(wanted)} at ${this.page.url()}:\n${text}`, { cause: e });
    }
  }
}

/** How long (s) an encoder ran, and how much of the sound the computer was too busy to make meanwhile. */
export interface RunTime {
  seconds: number;
  late: number;
}

export interface Recorded extends RunTime {
  clip: string;
}

/** What may be on its way from the microphone to the encoder (s) when it is stopped, on a busy computer. */
const ON_ITS_WAY = 0.5;

interface Clocks {
  wall: number; // s
  sound: number; // s that the audio graph has made meanwhile
}

declare global {
  /** Of the recording that runs, or ended last: encoders that gave nothing before are not counted. */
  var readClocks: () => Clocks;
}

/** The recording is as long as the clock says. */
export function expectWhole(original: Buffer, seconds: number): void {
  expect(Math.abs(decodedLength(original) - seconds), `${decodedLength(original)} s of ${seconds} s`).toBeLessThanOrEqual(0.3);
}

/**
 * Runs in the pages: measures for how long an encoder runs, by the clock on the wall and by the clock of the sound. What measures
 * levels records without slices.
 */
function measureEncoders(): void {
  const graphs: AudioContext[] = [];
  globalThis.AudioContext = class extends AudioContext {
    constructor(options?: AudioContextOptions) {
      super(options);
      graphs.push(this);
    }
  };
  const running = new Map<MediaRecorder, Clocks>();
  let startedAt: Clocks | null = null; // of the first that gave something: another may take its place, or run beside it for a while
  let endedAt = 0; // s
  const now = (): Clocks => ({ wall: performance.now() / 1000, sound: graphs.at(-1)?.currentTime ?? 0 });
  const elapsed = (since: Clocks): Clocks => ({ wall: now().wall - since.wall, sound: now().sound - since.sound });
  const end = (recorder: MediaRecorder) => {
    const since = running.get(recorder);
    if (since) sessionStorage.setItem('story.ran', JSON.stringify(elapsed(startedAt ?? since)));
    running.delete(recorder);
    endedAt = now().wall;
  };
  const { start, stop } = MediaRecorder.prototype;
  MediaRecorder.prototype.start = function (slice) {
    start.call(this, slice);
    if (slice === undefined) return;
    if (running.size === 0 && now().wall - endedAt > 1) startedAt = null; // another recording
    running.set(this, now());
    this.addEventListener('dataavailable', ({ data }) => {
      if (data.size > 0) startedAt ??= running.get(this) ?? null;
    });
    this.addEventListener('stop', () => end(this)); // also when all it records has ended
  };
  MediaRecorder.prototype.stop = function () {
    end(this);
    stop.call(this);
  };
  globalThis.readClocks = () => {
    const [first] = running.values();
    const since = first && (startedAt ?? first);
    return since ? elapsed(since) : (JSON.parse(sessionStorage.getItem('story.ran')!) as Clocks);
  };
}
