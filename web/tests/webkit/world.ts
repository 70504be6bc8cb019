import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { Api } from '../api';
import { makeRecording } from '../recording';
import { owner, Server } from '../server';
import { SoundDevice } from '../sound';
import { Collector } from './collector';
import type { WebKitPage } from './page';
import { WebKit } from './webdriver';

/** Where pictures of pages go. */
export const pictures = fileURLToPath(new URL('../../test-results/webkit', import.meta.url));

/** What the stories of one file share: a server with a spoken clip, and a browser. */
export class World {
  server!: Server;
  site!: Collector;
  sound!: SoundDevice;
  webkit!: WebKit;
  api!: Api;
  recording!: Buffer<ArrayBuffer>;
  /** A finished clip with picture, speech and transcript, and with one comment. */
  clip = '';
  page!: WebKitPage;

  /** Starts everything; nobody has set the server up yet. */
  async start(): Promise<void> {
    await mkdir(pictures, { recursive: true });
    this.recording = makeRecording(24);
    this.server = await Server.start();
    this.site = await Collector.start(this.server.base);
    this.sound = await SoundDevice.start();
    this.webkit = await WebKit.launch(this.sound.env);
  }

  async setUp(): Promise<void> {
    this.api = await Api.setUp(this.server.base);
    this.clip = await this.api.createClip('The plan');
    await (await this.api.beginUpload(this.clip)).append(this.recording, true);
    await this.api.waitForClip(this.clip, (c) => c.state === 'ready' && c.steps.transcribe.state === 'done');
    await this.api.send('POST', `/api/v1/clips/${this.clip}/comments`, { at_ms: 4000, body: 'What do you think?' });
  }

  async close(): Promise<void> {
    await this.webkit?.close();
    await this.sound?.close();
    await this.site?.close();
    await this.server?.close();
  }

  /** The address of a link as the browser opens it: through the collector. */
  address(url: string): string {
    const { pathname, search } = new URL(url, this.site.base);
    return this.site.base + pathname + search;
  }

  async openPage(look: { dark?: boolean } = {}): Promise<WebKitPage> {
    this.page = await this.webkit.newPage(look);
    await this.page.resize(1280, 900);
    return this.page;
  }

  async signIn(page: WebKitPage): Promise<void> {
    await page.goto(`${this.site.base}/login`);
    await page.type('input[type=email]', owner.email);
    await page.type('input[type=password]', owner.password);
    await page.clickNamed('Sign in');
    await page.waitFor(() => location.pathname === '/' && [...document.images].some((image) => image.complete && image.naturalWidth > 0));
  }
}

/** One world for the stories of a file. An error in a page fails the story, and of a failed one a picture is kept. */
export function startWorld(): World {
  const world = new World();
  beforeAll(async () => world.start());
  afterAll(async () => world.close());
  beforeEach(({ task, onTestFailed }) => {
    world.site.errors = [];
    const name = task.name.replace(/\W+/g, '-');
    onTestFailed(() => world.page?.screenshot(join(pictures, `failed-${name}.png`)).catch(() => undefined));
  });
  afterEach(() => expect(world.site.errors).toEqual([]));
  return world;
}
