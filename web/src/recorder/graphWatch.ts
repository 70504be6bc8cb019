/** Keeps an audio graph running: after sleep, a call, another sound card, or none at all. */
import { nextGraph, type GraphAction, type GraphState } from './graphState';

/** What is used of an AudioContext. `setSinkId` is Chromium's (https://webaudio.github.io/web-audio-api/#dom-audiocontext-setsinkid). */
export interface WatchedContext extends EventTarget {
  readonly currentTime: number;
  readonly state: string;
  resume(): Promise<void>;
  suspend(): Promise<void>;
  setSinkId?(sink: { type: 'none' }): Promise<void>;
}

const CHECK = 250; // ms
/** A graph whose clock does not move for so long (ms) stands still: what it mixes is lost. */
export const STALL = 1500;
/** How long (ms) a recording that begins waits for a graph that is starting. */
const START_PATIENCE = 1000;

export class GraphWatch {
  #context: WatchedContext;
  #onstall: (stalled: boolean) => void;
  #onlook: (wall: number, sound: number) => void;
  #leave = new AbortController();
  #timer: ReturnType<typeof setInterval>;
  #time = 0; // of the context when last looked at, s
  #movedAt = performance.now();
  #state: GraphState = 'unused';

  /** `onlook` is called with the clock on the wall and that of the graph (ms) while the latter moves. */
  constructor(context: WatchedContext, onstall: (stalled: boolean) => void, onlook: (wall: number, sound: number) => void = () => {}) {
    this.#context = context;
    this.#onstall = onstall;
    this.#onlook = onlook;
    const { signal } = this.#leave;
    const wake = () => this.resume();
    context.addEventListener('statechange', wake, { signal });
    document.addEventListener('visibilitychange', wake, { signal });
    navigator.mediaDevices.addEventListener('devicechange', wake, { signal });
    this.#timer = setInterval(() => this.#check(), CHECK);
  }

  /** Lets a graph go on that the browser or the system has stopped. */
  resume() {
    const { state } = this.#context;
    if (state !== 'running' && state !== 'closed') void this.#context.resume().catch(() => {});
  }

  /** Whether the clock of the graph moves, or begins to move soon. */
  async isAdvancing(): Promise<boolean> {
    if (this.#state === 'unused') this.#movedAt = performance.now();
    this.#dispatch('want');
    const from = this.#context.currentTime;
    const until = performance.now() + START_PATIENCE;
    while (performance.now() < until) {
      await new Promise((r) => setTimeout(r, 50));
      if (this.#context.currentTime > from) return true;
    }
    return false;
  }

  stop() {
    this.#dispatch('close');
    this.#leave.abort();
    clearInterval(this.#timer);
  }

  #check() {
    const now = performance.now();
    if (this.#context.currentTime !== this.#time) {
      this.#time = this.#context.currentTime;
      this.#movedAt = now;
      this.#onlook(now, this.#time * 1000);
      return this.#dispatch('advance');
    }
    if (this.#state === 'unused') return;
    if (now - this.#movedAt < STALL) return this.resume();
    this.#dispatch('stand');
    this.#movedAt = now; // one attempt each time
    void this.#restart();
  }

  #dispatch(action: GraphAction) {
    const before = this.#state;
    this.#state = nextGraph(before, action);
    if (this.#state === before || this.#state === 'closed') return;
    if (this.#state === 'stalled' || before === 'stalled') this.#onstall(this.#state === 'stalled');
  }

  /** A graph that says it runs but does not has lost its sound card: it goes on without one, or is started anew. */
  async #restart() {
    const context = this.#context;
    try {
      if (context.state !== 'running') await context.resume();
      else if (context.setSinkId) await context.setSinkId({ type: 'none' });
      else {
        await context.suspend();
        await context.resume();
      }
    } catch {
      // the next attempt follows
    }
  }
}
