import { hasUnsentData, type Phase } from './phase';

/** The part of a recording that a page about to be left needs. */
export interface Unloading {
  phase: Phase;
  flush(): void;
}

/** How long a page that is left waits for its worker to write what it was sent (ms). */
const WRITE_TIME = 300;

/**
 * Asks before a page with a recording is left; returns the function that ends this. The encoder hands out what it has before the question: its events are
 * in the page's queue by the time the question is answered, and the worker has them on disk before the page ends. On a busy
 * computer they may come too late, so that an encoder hands out small parts all the time (CHUNK_MS).
 */
export function guardUnload(rec: Unloading): () => void {
  const ask = (e: BeforeUnloadEvent) => {
    if (!hasUnsentData(rec.phase)) return;
    e.preventDefault();
    rec.flush();
  };
  const wait = () => {
    if (hasUnsentData(rec.phase)) blockFor(WRITE_TIME);
  };
  window.addEventListener('beforeunload', ask);
  window.addEventListener('pagehide', wait);
  return () => {
    window.removeEventListener('beforeunload', ask);
    window.removeEventListener('pagehide', wait);
  };
}

/** Nothing else keeps a page alive here; the worker goes on meanwhile. */
function blockFor(ms: number) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
