import { once } from 'node:events';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { Api } from '../api';
import { decodedLength } from '../decode';
import { Server } from '../server';
import { SoundDevice, type SoundOptions } from '../sound';
import { launchFirefox, type Inputs } from './browser';

export type Mode = 'voice' | 'camera' | 'screen' | 'screen_camera';

interface StudioOptions extends SoundOptions {
  inputs: Inputs;
  /** The folder of a profile that outlives its Firefox. */
  profile?: string;
}

/** What the stories of the recorder need: a server that is set up, a sound device and a Firefox. */
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
    const [server, sound] = await Promise.all([Server.start(), SoundDevice.start(options)]);
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
    await page.evaluateOnNewDocument(noteClock);
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

  async stop(): Promise<Recorded> {
    await this.click('Stop');
    return this.waitForClip();
  }

  /** Waits for the page of the clip; also after a recording that ended by itself. */
  async waitForClip(): Promise<Recorded> {
    await this.wait((path) => new RegExp(path).test(location.pathname), '/c/[0-9A-Z]{26}');
    const clip = await this.page.evaluate(() => location.pathname.slice('/c/'.length));
    return { clip, seconds: await this.recordedSeconds() };
  }

  /** How long (s) the encoder ran, or has been running. */
  recordedSeconds(): Promise<number> {
    return this.page.evaluate(() => {
      const [start, stop] = ['start', 'stop'].map((n) => Number(sessionStorage.getItem(`story.${n}`)));
      return ((stop || performance.timeOrigin + performance.now()) - start!) / 1000;
    });
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

/** A clip, and how long (s) it was recorded. */
export interface Recorded {
  clip: string;
  seconds: number;
}

/** The recording is as long as the clock says. */
export function expectWhole(original: Buffer, seconds: number): void {
  expect(Math.abs(decodedLength(original) - seconds), `${decodedLength(original)} s of ${seconds} s`).toBeLessThanOrEqual(0.3);
}

/** Runs in the pages: notes when the encoder is started and stopped. What measures levels records without slices. */
function noteClock(): void {
  const note = (what: string) => sessionStorage.setItem(`story.${what}`, String(performance.timeOrigin + performance.now()));
  const noted = new WeakSet<MediaRecorder>();
  const { start, stop } = MediaRecorder.prototype;
  MediaRecorder.prototype.start = function (slice) {
    start.call(this, slice);
    if (slice === undefined) return;
    noted.add(this);
    sessionStorage.removeItem('story.stop');
    note('start');
  };
  MediaRecorder.prototype.stop = function () {
    if (noted.has(this)) note('stop');
    stop.call(this);
  };
}
