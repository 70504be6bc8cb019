import { boot } from './boot';
import type { components } from './api/schema';

export type LiveEvent = components['schemas']['Event'];
export type EventType = LiveEvent['type'];
export type Handlers = Partial<Record<EventType, (event: LiveEvent) => void>> & {
  /** The server refused the connection: the viewer may have lost access. The connection is tried again all the same. */
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
const minRetryDelay = 1_000; // ms before the first reconnection; doubles up to maxRetryDelay
const maxRetryDelay = 30_000;

/**
 * One connection, shared by all subscribers to the same path, and open only while the tab is visible: over HTTP/1.1 a
 * browser gives one site six connections in all, so a seventh open tab would hang.
 */
class Connection {
  readonly listeners = new Set<Handlers>();
  #path: string;
  #source: EventSource | undefined;
  #lastEventId = boot.event_id; // of the last event seen; what comes before it is in the page's first data
  #retryDelay = minRetryDelay;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string) {
    this.#path = path;
    document.addEventListener('visibilitychange', this.#updateConnection);
    this.#updateConnection();
  }

  close() {
    document.removeEventListener('visibilitychange', this.#updateConnection);
    this.#disconnect();
  }

  #updateConnection = () => {
    if (document.visibilityState === 'hidden') this.#disconnect();
    else if (!this.#source) this.#connect();
  };

  #disconnect() {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const query = this.#lastEventId ? `&after=${encodeURIComponent(this.#lastEventId)}` : '';
    const source = new EventSource(this.#path + query);
    this.#source = source;
    source.onopen = () => {
      this.#retryDelay = minRetryDelay;
      if (this.#path !== personalPath) closePersonal();
    };
    source.onerror = () => this.#onError(source);
    for (const type of types) source.addEventListener(type, (e) => this.#receive(type, e as MessageEvent<string>));
  }

  /** A dropped connection is taken up by the browser itself; a refused one is not, so it is tried again here. */
  #onError(source: EventSource) {
    if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
    this.#source = undefined;
    for (const on of [...this.listeners]) on.refused?.();
    this.#retryTimer = setTimeout(this.#updateConnection, this.#retryDelay);
    this.#retryDelay = Math.min(maxRetryDelay, this.#retryDelay * 2);
  }

  #receive(type: EventType, e: MessageEvent<string>) {
    this.#lastEventId = e.lastEventId || this.#lastEventId;
    let event: LiveEvent;
    try {
      event = JSON.parse(e.data) as LiveEvent;
    } catch {
      event = this.#syntheticEvent('resync'); // unreadable: the state must be loaded again
    }
    this.#dispatch(event.type ?? type, event);
  }

  #dispatch(type: EventType, event: LiveEvent) {
    for (const on of [...this.listeners]) on[type]?.(event);
    if (type === 'notification' || type === 'resync') for (const notify of [...personalListeners]) notify();
  }

  #syntheticEvent(type: EventType): LiveEvent {
    return { type, workspace_id: '', clip_id: '', subject_id: null };
  }
}

const connections = new Map<string, Connection>();
const personalListeners = new Set<() => void>(); // personal events arrive on every connection
const personalPath = '/api/v1/events?mine=true';
const personalDelay = 500; // ms a page has to open a connection of its own before one is opened for personal events alone
let stopPersonal: (() => void) | undefined;

/**
 * Calls back when there may be new notifications for the signed-in person, on whichever connection the page has: over
 * HTTP/1.1 connections are scarce. A page without one opens one for personal events only, until another is open. Returns the
 * function that unsubscribes.
 */
export function subscribePersonal(notify: () => void): () => void {
  personalListeners.add(notify);
  const timer = setTimeout(openPersonal, personalDelay);
  return () => {
    clearTimeout(timer);
    personalListeners.delete(notify);
    if (personalListeners.size === 0) closePersonal();
  };
}

function openPersonal() {
  if (personalListeners.size > 0 && connections.size === 0) stopPersonal = subscribe(personalPath, {});
}

function closePersonal() {
  stopPersonal?.();
  stopPersonal = undefined;
}

/** The connection that brought personal events is closed: what came until another one is open is not known. */
function reopenPersonal() {
  setTimeout(() => {
    openPersonal();
    for (const notify of [...personalListeners]) notify();
  }, personalDelay);
}

/**
 * Subscribes to the live events of a workspace, or of one clip in it, while the tab is visible; a tab that becomes
 * visible again receives what it missed, or `resync`: load again. Link visitors pass no workspace. Returns the function
 * that unsubscribes.
 */
export function subscribeEvents(workspace: string | null, on: Handlers, clip?: string): () => void {
  const query = new URLSearchParams();
  if (workspace) query.set('workspace', workspace);
  if (clip) query.set('clip', clip);
  if (boot.share?.token) query.set('share', boot.share.token);
  return subscribe(`/api/v1/events?${query}`, on);
}

function subscribe(path: string, on: Handlers): () => void {
  let connection = connections.get(path);
  if (!connection) connections.set(path, (connection = new Connection(path)));
  connection.listeners.add(on);
  return () => {
    connection.listeners.delete(on);
    if (connection.listeners.size > 0 || connections.get(path) !== connection) return;
    connections.delete(path);
    connection.close();
    if (connections.size === 0 && path !== personalPath) reopenPersonal();
  };
}
