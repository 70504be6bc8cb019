import type { CDPSession, Page } from '@playwright/test';

interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number; // of typed arrays and the like
}

interface Reply {
  id: number;
  result: HeapUsage;
}

/** Bytes of JavaScript, after a collection of garbage. */
export interface HeapSample {
  seconds: number; // recorded so far
  page: number;
  workers: number;
}

/** Measures the heap of a page and of its workers. */
export class HeapMeter {
  #workers = new Set<string>(); // sessions
  #waiting = new Map<number, (usage: HeapUsage) => void>();
  #messages = 0;

  private constructor(private devtools: CDPSession) {}

  /** Must be called before the page starts its workers. */
  static async start(page: Page): Promise<HeapMeter> {
    const meter = new HeapMeter(await page.context().newCDPSession(page));
    const { devtools } = meter;
    devtools.on('Target.attachedToTarget', ({ sessionId }) => meter.#workers.add(sessionId));
    devtools.on('Target.detachedFromTarget', ({ sessionId }) => meter.#workers.delete(sessionId));
    devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as Reply;
      meter.#waiting.get(id)?.(result);
      meter.#waiting.delete(id);
    });
    await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return meter;
  }

  async sample(seconds: number): Promise<HeapSample> {
    await this.devtools.send('HeapProfiler.collectGarbage');
    const page = bytesOf((await this.devtools.send('Runtime.getHeapUsage')) as HeapUsage);
    let workers = 0;
    for (const session of this.#workers) {
      await this.#ask(session, 'HeapProfiler.collectGarbage');
      workers += bytesOf(await this.#ask(session, 'Runtime.getHeapUsage'));
    }
    return { seconds, page, workers };
  }

  async #ask(sessionId: string, method: string): Promise<HeapUsage> {
    const id = ++this.#messages;
    const reply = new Promise<HeapUsage>((resolve) => this.#waiting.set(id, resolve));
    await this.devtools.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return reply;
  }
}

const bytesOf = (usage: HeapUsage) => usage.usedSize + (usage.backingStorageSize ?? 0);
