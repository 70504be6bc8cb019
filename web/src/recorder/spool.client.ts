import type { FromSpool, RecordedFile, ToSpool } from './messages';

/** The page's end of a spool worker. */
export class SpoolClient {
  #worker = new Worker(new URL('./spool.worker.ts', import.meta.url), { type: 'module' });

  #exports: ((f: RecordedFile | null) => void)[] = [];

  constructor(hear: (m: FromSpool) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromSpool>) => {
      if (data.type === 'exported') this.#exports.shift()?.(data);
      else hear(data);
    };
    this.#worker.onerror = (e) => {
      this.#endExports();
      hear({ type: 'failed', message: e.message || 'A part of the recorder did not load.' });
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
