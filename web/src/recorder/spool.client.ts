import type { FromSpool, ToSpool } from './messages';

/** The page's end of a spool worker. */
export class SpoolClient {
  #worker = new Worker(new URL('./spool.worker.ts', import.meta.url), { type: 'module' });

  constructor(hear: (m: FromSpool) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromSpool>) => hear(data);
    this.#worker.onerror = (e) => hear({ type: 'failed', message: e.message || 'A part of the recorder did not load.' });
  }

  post(m: ToSpool, transfer: Transferable[] = []) {
    this.#worker.postMessage(m, transfer);
  }

  close() {
    this.#worker.terminate();
  }
}
