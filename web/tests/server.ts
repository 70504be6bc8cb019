import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const speech = process.env.TIDINGS_SPEECH_DIR ?? join(root, 'bin/speech');

export const owner = { name: 'Ana Lovelace', email: 'ana@example.org', password: 'correct horse battery' };

/** A server process of the built binary, on a folder and a port of its own. */
export class Server {
  base = '';
  log = '';
  private child?: ChildProcess;
  private port = 0;

  private constructor(
    private readonly data: string,
    private readonly settings: string[],
    private readonly speech: string,
    private readonly env: Record<string, string>,
  ) {}

  /** `hasSpeech`: whether it finds its speech engine; `env`: variables it has besides those of the stories. */
  static async start(settings: string[] = [], hasSpeech = true, env: Record<string, string> = {}): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'tidings-story-'));
    const server = new Server(data, settings, hasSpeech ? speech : join(data, 'no-speech'), env);
    await server.run();
    return server;
  }

  /** Runs the server; a second time on the same folder and port. */
  async run(): Promise<void> {
    const args = [
      'serve',
      '--listen',
      `127.0.0.1:${this.port}`,
      '--data',
      this.data,
      '--speech',
      this.speech,
      '--fetch-models=false',
      ...this.settings,
    ];
    const child = spawn(join(root, 'bin/tidings'), args, {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.child = child;
    child.stderr?.on('data', (b: Buffer) => (this.log += b));
    for await (const line of createInterface({ input: child.stdout! })) {
      const at = /ready at (\S+)/.exec(line)?.[1];
      if (at) {
        this.base = at;
        this.port = Number(new URL(at).port);
        return;
      }
    }
    throw new Error(`the server did not start\n${this.log}`);
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.end('SIGINT');
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
