import { createSubscriber } from 'svelte/reactivity';
import { serverNow } from '../lib/serverClock';

const refreshInterval = 30_000; // ms; the finest word is "minutes ago"

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, refreshInterval);
  return () => clearInterval(timer);
});

/** The present by the server's clock in ms since 1970; who draws it is drawn again twice a minute. One timer serves all. */
export function currentTime(): number {
  subscribe();
  return serverNow();
}
