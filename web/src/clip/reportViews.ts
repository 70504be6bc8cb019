import { withShareToken } from '../lib/api/client';
import { randomText } from '../lib/random';
import type { WatchedRanges } from './views';

const reportInterval = 10_000; // ms

/**
 * Reports to the server what was watched: every ten seconds while there is something new, and when the page is left.
 * Reports of one session replace each other, so nothing is counted twice. Returns the function that stops it.
 */
export function reportViews(clip: string, watched: WatchedRanges, read: () => boolean): () => void {
  const session = randomText();
  const url = withShareToken(`/api/v1/clips/${clip}/views`);

  async function send(): Promise<void> {
    const was = read();
    const ranges = watched.takeUnreported(was);
    if (!ranges) return;
    try {
      const r = await fetch(url, {
        method: 'POST',
        keepalive: true, // outlives the page
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ session, ranges, read: was }),
      });
      if (r.status === 429 || r.status >= 500) watched.markUnreported();
    } catch {
      watched.markUnreported(); // offline: with the next batch
    }
  }

  const leave = () => void (document.visibilityState === 'hidden' && send());
  const timer = setInterval(() => void send(), reportInterval);
  document.addEventListener('visibilitychange', leave);
  window.addEventListener('pagehide', send);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', leave);
    window.removeEventListener('pagehide', send);
    void send();
  };
}
