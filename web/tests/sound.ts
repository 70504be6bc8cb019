import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessGroup } from './group';

const audible = 0.01; // of full scale; speech is ten times as loud

export interface SoundOptions {
  /** Samples a second of the output and of the microphones. */
  rate?: number;
  /** `none`: a computer without loudspeakers. Its microphone hears a tone of 440 Hz that nothing else can be played into. */
  output?: 'speakers' | 'none';
}

/**
 * A sound device for browsers on machines without one: PulseAudio with a sink that plays to nobody and a microphone that hears
 * what is played into it. It is an instance of its own in a private folder: a sound server that runs on this machine is
 * neither used nor changed.
 */
export class SoundDevice {
  /** Whether there is one. Debian's packages of PipeWire and PulseAudio exclude each other: `make` installs no sound server there. */
  readonly available = spawnSync('pulseaudio', ['--version']).status === 0;
  private server?: ProcessGroup;
  private listener?: ProcessGroup;
  private readonly microphones = new Map<string, string>(); // name to the number of its module

  private constructor(private readonly folder: string) {}

  static async start({ rate = 44100, output = 'speakers' }: SoundOptions = {}): Promise<SoundDevice> {
    const device = new SoundDevice(await mkdtemp(join(tmpdir(), 'tidings-sound-')));
    try {
      if (device.available) await device.run(output === 'none' ? [sineModule] : sinkModules(rate));
      if (device.available && output !== 'none') {
        device.listen();
        device.plugIn('microphone');
      }
    } catch (e) {
      await device.close();
      throw e;
    }
    return device;
  }

  private async run(devices: string[]): Promise<void> {
    const modules = [...devices, `module-native-protocol-unix socket=${this.socket} auth-anonymous=true`];
    const args = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', ...modules.flatMap((m) => ['--load', m])];
    const own = { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, XDG_CONFIG_HOME: this.folder };
    const env: NodeJS.ProcessEnv = { ...process.env, ...own, DBUS_SESSION_BUS_ADDRESS: undefined, PULSE_SERVER: undefined };
    this.server = new ProcessGroup('pulseaudio', args, env);
    while (!existsSync(this.socket)) {
      if (!this.server.running) throw new Error('pulseaudio did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A sink hands out sound in blocks of two seconds while nobody wants it sooner: a microphone that is changed would stand still as long. */
  private listen(): void {
    const args = ['--device=voice.monitor', '--latency-msec=20', '/dev/null'];
    this.listener = new ProcessGroup('parec', args, { ...process.env, ...this.env });
  }

  private get socket(): string {
    return join(this.folder, 'native');
  }

  /** What a browser's environment needs so that it uses this device. */
  get env(): Record<string, string> {
    if (!this.available) return {};
    return { PULSE_SERVER: `unix:${this.socket}` };
  }

  /** Connects a microphone, which hears what is played into it; it is the default one from now on. `label`: what people see. */
  plugIn(name: string, label = name[0]!.toUpperCase() + name.slice(1)): void {
    if (this.microphones.has(name)) this.unplug(name);
    const module = this.control('load-module', 'module-remap-source', ...microphoneArgs(name, label));
    this.microphones.set(name, module);
    this.control('set-default-source', name);
  }

  /** Takes a microphone away, as when its cable is pulled. */
  unplug(name: string): void {
    this.control('unload-module', this.microphones.get(name)!);
    this.microphones.delete(name);
  }

  private control(...args: string[]): string {
    return execFileSync('pactl', args, { env: { ...process.env, ...this.env }, encoding: 'utf8' }).trim();
  }

  /** Plays a warbling tone (Hz) into the microphones until the function it returns is called: a steady one would be taken for noise. */
  playTone(hz: number): () => void {
    const tone = `aevalsrc=0.5*sin(2*PI*${hz}*t)*(0.6+0.4*sin(6*PI*t)):s=48000`;
    const args = ['-v', 'error', '-re', '-f', 'lavfi', '-i', tone, '-f', 'pulse', '-device', 'voice', 'tone'];
    const ffmpeg = spawn('ffmpeg', args, { env: { ...process.env, ...this.env }, stdio: 'ignore' });
    return () => ffmpeg.kill();
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
    await this.listener?.end();
    await this.server?.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const sineModule = 'module-sine-source source_name=microphone frequency=440';

const sinkModules = (rate: number) => [
  `module-null-sink sink_name=speakers rate=${rate}`,
  `module-null-sink sink_name=voice rate=${rate} sink_properties=device.description=Voice`,
];

const microphoneArgs = (name: string, label: string) => [
  `source_name=${name}`,
  'master=voice.monitor',
  `source_properties=device.description=${label}`,
];
