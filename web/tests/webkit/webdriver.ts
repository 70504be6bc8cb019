import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessGroup } from '../group';
import { WebKitPage } from './page';

const patience = 90_000; // ms; longer than what the driver itself waits for pages and scripts

/** WebKitGTK's MiniBrowser on a display of its own (Xvfb), driven over W3C WebDriver. */
export class WebKit {
  private groups: ProcessGroup[] = [];
  private session = '';
  private base = '';

  private constructor(private readonly home: string) {}

  /** Starts the driver; env is added to the browser's environment. */
  static async launch(env: Record<string, string> = {}): Promise<WebKit> {
    const webkit = new WebKit(await mkdtemp(join(tmpdir(), 'tidings-webkit-')));
    try {
      await webkit.start(env);
    } catch (e) {
      await webkit.close();
      throw e;
    }
    return webkit;
  }

  private async start(added: Record<string, string>): Promise<void> {
    const display = await this.startDisplay();
    const port = await freePort();
    const env = { ...process.env, ...added, DISPLAY: display, GDK_BACKEND: 'x11', HOME: this.home, XDG_RUNTIME_DIR: this.home };
    const driver = new ProcessGroup('WebKitWebDriver', ['-p', String(port)], env);
    this.groups.push(driver);
    this.base = `http://127.0.0.1:${port}`;
    await this.waitUntilReady(driver);
  }

  /** A page of a new browser, which knows nobody; the page before is closed. */
  async newPage(look: { dark?: boolean } = {}): Promise<WebKitPage> {
    await this.endSession();
    const options = { args: ['--automation', '--autoplay-policy=allow'], binary: await this.writeLauncher(look.dark === true) };
    const alwaysMatch = { 'webkitgtk:browserOptions': options, timeouts: { script: 60_000, pageLoad: 60_000 } };
    const made = await this.call<{ sessionId: string }>('POST', '/session', { capabilities: { alwaysMatch } });
    const session = (this.session = `/session/${made.sessionId}`);
    return new WebKitPage((method, path, body) => this.call(method, session + path, body));
  }

  private async endSession(): Promise<void> {
    if (this.session) await this.call('DELETE', this.session).catch(() => undefined); // the browser may have crashed
    this.session = '';
  }

  async close(): Promise<void> {
    await this.endSession();
    for (const group of this.groups.toReversed()) await group.end();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Starts an X server on the first free display; answers its name once it accepts clients. */
  private async startDisplay(): Promise<string> {
    const args = ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'];
    const xvfb = new ProcessGroup('Xvfb', args, process.env, true);
    this.groups.push(xvfb);
    const number = await xvfb.firstWord();
    if (!number) throw new Error('Xvfb did not start');
    return `:${number}`;
  }

  /**
   * Writes the program that the driver starts as its browser. Debian keeps MiniBrowser outside the PATH, in a folder of the
   * architecture; whether pages are dark is decided by the theme of GTK.
   */
  private async writeLauncher(dark: boolean): Promise<string> {
    const path = join(this.home, 'browser');
    const theme = dark ? 'Adwaita:dark' : 'Adwaita';
    await writeFile(path, `#!/bin/sh\nexport GTK_THEME=${theme}\nexec /usr/lib/*/webkit2gtk-4.1/MiniBrowser "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  private async waitUntilReady(driver: ProcessGroup): Promise<void> {
    while (driver.running) {
      const status = await this.call<{ ready: boolean }>('GET', '/status').catch(() => null);
      if (status?.ready) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('WebKitWebDriver did not start');
  }

  /** One command of W3C WebDriver. */
  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const signal = AbortSignal.timeout(patience);
    const answer = await fetch(this.base + path, { method, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
    return value;
  }
}

/** A port that was free a moment ago: WebKitWebDriver does not say which it chose. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
