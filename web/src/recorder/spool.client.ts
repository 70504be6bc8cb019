import { logFailure } from './logFailure';
import type { FromSpool, RecordedFile, ToSpool } from './messages';
import { takeWorker } from './preload';

/** The page's end of a spool worker. */
export class SpoolClient {
  #worker = takeWorker('spool');

  #exports: ((f: RecordedFile | null) => void)[] = [];

  constructor(hear: (m: FromSpool) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromSpool>) => {
      if (data.type === 'failed') logFailure('the recorder broke off', data.message);
      if (data.type === 'exported') this.#exports.shift()?.(data);
      else hear(data);
    };
    this.#worker.onerror = (e) => {
      this.#endExports();
      const message = e.message || 'a worker did not load';
      logFailure('the recorder broke off', message);
      hear({ type: 'failed', message });
    };
  }

  /** What this computer holds of the recording, on disk and in memory; null when the worker cannot say. */
  exportFile(): Promise<RecordedFile | null> {
    return new Promise((resolve) => {
      this.#exports.push(resolve);
      this.post({ type: 'export' });
    });
  }

  post(m: ToSpool, transfer: Transferable[] = []) {
    this.#worker.postMessage(m, transfer);
  }

  close() {
    this.#worker.terminate();
    this.#endExports();
  }

  #endExports() {
    for (const resolve of this.#exports.splice(0)) resolve(null);
  }
}
