import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessGroup } from './group';

const audible = 0.01; // of full scale; speech is ten times as loud

/**
 * A sound device for browsers on machines without one: PulseAudio with a sink that plays to nobody and a microphone that hears
 * what is played into it. It is an instance of its own in a private folder: a sound server that runs on this machine is
 * neither used nor changed.
 */
export class SoundDevice {
  /** Whether there is one. Debian's packages of PipeWire and PulseAudio exclude each other: `make` installs no sound server there. */
  readonly available = spawnSync('pulseaudio', ['--version']).status === 0;
  private server?: ProcessGroup;

  private constructor(private readonly folder: string) {}

  static async start(): Promise<SoundDevice> {
    const device = new SoundDevice(await mkdtemp(join(tmpdir(), 'tidings-sound-')));
    try {
      if (device.available) await device.run();
    } catch (e) {
      await device.close();
      throw e;
    }
    return device;
  }

  private async run(): Promise<void> {
    const modules = [
      'module-null-sink sink_name=speakers',
      'module-null-sink sink_name=voice',
      'module-remap-source source_name=microphone master=voice.monitor source_properties=device.description=Microphone',
      `module-native-protocol-unix socket=${this.socket} auth-anonymous=true`,
    ];
    const args = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', ...modules.flatMap((m) => ['--load', m])];
    const own = { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, XDG_CONFIG_HOME: this.folder };
    const env: NodeJS.ProcessEnv = { ...process.env, ...own, DBUS_SESSION_BUS_ADDRESS: undefined, PULSE_SERVER: undefined };
    this.server = new ProcessGroup('pulseaudio', args, env);
    while (!existsSync(this.socket)) {
      if (!this.server.running) throw new Error('pulseaudio did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private get socket(): string {
    return join(this.folder, 'native');
  }

  /** What a browser's environment needs so that it uses this device. */
  get env(): Record<string, string> {
    if (!this.available) return {};
    return { PULSE_SERVER: `unix:${this.socket}`, PULSE_SINK: 'speakers', PULSE_SOURCE: 'microphone' };
  }

  /** Speaks a sound file into the microphone, once, as fast as it sounds. */
  async speak(file: string): Promise<void> {
    const args = ['-v', 'error', '-re', '-i', file, '-af', 'volume=-6dB', '-f', 'pulse', '-device', 'voice', 'speech'];
    const ffmpeg = spawn('ffmpeg', args, { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = (await once(ffmpeg, 'exit')) as [number];
    if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  }

  /** Listens to the speakers for five seconds at most; answers whether something was heard. */
  async hears(): Promise<boolean> {
    const args = ['-v', 'error', '-f', 'pulse', '-i', 'speakers.monitor', '-t', '5', '-f', 'f32le', '-'];
    const ffmpeg = spawn('ffmpeg', args, { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      for await (const bytes of ffmpeg.stdout as AsyncIterable<Buffer>)
        for (let at = 0; at + 4 <= bytes.length; at += 4) if (Math.abs(bytes.readFloatLE(at)) > audible) return true;
      return false;
    } finally {
      ffmpeg.kill();
    }
  }

  async close(): Promise<void> {
    await this.server?.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
