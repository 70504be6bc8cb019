import { boot } from './boot';
import type { components } from './api/schema';

export type LiveEvent = components['schemas']['Event'];
export type EventType = LiveEvent['type'];
export type Handlers = Partial<Record<EventType, (event: LiveEvent) => void>> & {
  /** The server will not go on: who listens may have lost the right to. It is tried again all the same. */
  refused?: () => void;
};

const types: EventType[] = [
  'clip.updated',
  'clip.step',
  'transcript.segment',
  'transcript.updated',
  'comment.created',
  'comment.updated',
  'comment.deleted',
  'reaction.changed',
  'notification',
  'resync',
];
const firstWait = 1_000; // ms before the first new try; doubles up to lastWait
const lastWait = 30_000;

/**
 * One connection, shared by all who listen to the same thing, and open only while the tab can be seen: over
 * HTTP/1.1 a browser gives one site six connections in all, so a seventh open tab would hang.
 */
class Channel {
  readonly listeners = new Set<Handlers>();
  #path: string;
  #source: EventSource | undefined;
  #last = ''; // id of the last event seen
  #gap = false; // closed before any id was known: what came meanwhile cannot be asked for
  #wait = firstWait;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string) {
    this.#path = path;
    document.addEventListener('visibilitychange', this.#sync);
    this.#sync();
  }

  close() {
    document.removeEventListener('visibilitychange', this.#sync);
    this.#shut();
  }

  #sync = () => {
    if (document.visibilityState === 'hidden') this.#shut();
    else if (!this.#source) this.#open();
  };

  #shut() {
    clearTimeout(this.#timer);
    if (this.#source && !this.#last) this.#gap = true;
    this.#source?.close();
    this.#source = undefined;
  }

  #open() {
    clearTimeout(this.#timer);
    const query = this.#last ? `&after=${encodeURIComponent(this.#last)}` : '';
    const source = new EventSource(this.#path + query);
    this.#source = source;
    source.onopen = () => {
      this.#wait = firstWait;
      if (this.#gap) this.#tell('resync', this.#made('resync'));
      this.#gap = false;
    };
    source.onerror = () => this.#failed(source);
    for (const type of types) source.addEventListener(type, (e) => this.#heard(type, e as MessageEvent<string>));
  }

  /** A dropped connection is taken up by the browser itself; a refused one is not, so it is tried again here. */
  #failed(source: EventSource) {
    if (!this.#last) this.#gap = true;
    if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
    this.#source = undefined;
    for (const on of [...this.listeners]) on.refused?.();
    this.#timer = setTimeout(this.#sync, this.#wait);
    this.#wait = Math.min(lastWait, this.#wait * 2);
  }

  #heard(type: EventType, e: MessageEvent<string>) {
    this.#last = e.lastEventId || this.#last;
    let event: LiveEvent;
    try {
      event = JSON.parse(e.data) as LiveEvent;
    } catch {
      event = this.#made('resync'); // unreadable: what it said must be asked for
    }
    this.#tell(event.type ?? type, event);
  }

  #tell(type: EventType, event: LiveEvent) {
    for (const on of [...this.listeners]) on[type]?.(event);
    if (type === 'notification' || type === 'resync') for (const hear of [...own]) hear();
  }

  #made(type: EventType): LiveEvent {
    return { type, workspace_id: '', clip_id: '', subject_id: null };
  }
}

const channels = new Map<string, Channel>();
const own = new Set<() => void>(); // what is for this very person comes by every connection
const settle = 500; // ms a page has to open a connection of its own before one is opened for the person alone

/**
 * Calls back when there may be something new for this person, by whichever connection the page has: over HTTP/1.1 they
 * are scarce. A page without one gets one that brings nothing else. Answers how to stop.
 */
export function mine(hear: () => void): () => void {
  let stop: (() => void) | undefined;
  own.add(hear);
  const timer = setTimeout(() => {
    if (channels.size === 0 || channels.has(alone)) stop = listen(alone, {});
  }, settle);
  return () => {
    clearTimeout(timer);
    own.delete(hear);
    stop?.();
  };
}

const alone = '/api/v1/events?mine=true';

/**
 * Hears the live events of a workspace, or of one clip in it, while the tab can be seen; coming back it gets
 * what was missed, or `resync`: load again. Link visitors pass no workspace. Answers how to stop.
 */
export function live(workspace: string | null, on: Handlers, clip?: string): () => void {
  const query = new URLSearchParams();
  if (workspace) query.set('workspace', workspace);
  if (clip) query.set('clip', clip);
  if (boot.share?.token) query.set('share', boot.share.token);
  return listen(`/api/v1/events?${query}`, on);
}

function listen(path: string, on: Handlers): () => void {
  let channel = channels.get(path);
  if (!channel) channels.set(path, (channel = new Channel(path)));
  channel.listeners.add(on);
  return () => {
    channel.listeners.delete(on);
    if (channel.listeners.size > 0 || channels.get(path) !== channel) return;
    channels.delete(path);
    channel.close();
  };
}
