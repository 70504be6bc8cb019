import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

/** Runs the program in a process group that is killed when the program ends, or when the group's input is closed. */
const supervisor = '("$0" "$@" < /dev/null; kill -KILL 0) & cat > /dev/null; kill -KILL 0';

/**
 * A program with all it starts, as one process group. It ends with the test run, however that ends: the input of the group
 * is a pipe from here.
 */
export class ProcessGroup {
  private readonly child: ChildProcess;

  /** `third` adds a pipe from the program's file descriptor 3. */
  constructor(program: string, args: string[], env: NodeJS.ProcessEnv, third = false) {
    const stdio: StdioOptions = ['pipe', 'ignore', 'ignore', ...(third ? (['pipe'] as const) : [])];
    this.child = spawn('/bin/sh', ['-c', supervisor, program, ...args], { env, detached: true, stdio });
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What the program first writes to its file descriptor 3. */
  async firstWord(): Promise<string> {
    const [bytes] = (await Promise.race([once(this.child.stdio[3]!, 'data'), once(this.child, 'exit').then(() => [''])])) as [Buffer];
    return String(bytes).trim();
  }

  /** Kills the group; returns once it has ended. */
  async end(): Promise<void> {
    if (!this.running) return;
    const gone = once(this.child, 'exit');
    this.child.stdin!.end();
    await gone;
  }
}
