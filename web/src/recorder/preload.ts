/**
 * What a recording loads beside the page: its workers, and the worklets of the audio graph. They come with the page, so that who
 * loses the network before the click on Record can still record.
 */
const workers = {
  spool: () => new Worker(new URL('./spool.worker.ts', import.meta.url), { type: 'module' }),
  composite: () => new Worker(new URL('./composite.worker.ts', import.meta.url), { type: 'module' }),
  tick: () => new Worker(new URL('./tick.worker.ts', import.meta.url), { type: 'module' }),
};
export type WorkerName = keyof typeof workers;

export const worklets = {
  level: new URL('./level.worklet.js', import.meta.url),
  recent: new URL('./recent.worklet.js', import.meta.url),
};

const spares = new Map<WorkerName, Worker>();
let isPreloading = false;

/** To be called when the page opens: from then on one worker of each kind is ready. */
export function preloadRecorder() {
  isPreloading = true;
  for (const name of Object.keys(workers) as WorkerName[]) if (!spares.has(name)) prepareWorker(name);
  for (const url of Object.values(worklets)) void fetch(url).catch(() => {}); // the browser keeps what it has fetched
}

/** A worker of this kind; the caller ends it. */
export function takeWorker(name: WorkerName): Worker {
  const worker = spares.get(name) ?? workers[name]();
  spares.delete(name);
  if (isPreloading) prepareWorker(name);
  return worker;
}

/** One that does not load is none; the next attempt makes its own. */
function prepareWorker(name: WorkerName) {
  const worker = workers[name]();
  spares.set(name, worker);
  worker.addEventListener('error', () => spares.get(name) === worker && spares.delete(name));
}
