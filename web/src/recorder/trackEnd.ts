const CHECK = 500; // ms

/** Calls back once when a track has ended, until the signal: some browsers end one without an event. */
export function watchTrackEnd(track: MediaStreamTrack, onend: () => void, signal: AbortSignal): void {
  const done = new AbortController();
  const timer = setInterval(() => track.readyState === 'ended' && end(), CHECK);
  const end = () => {
    done.abort();
    onend();
  };
  done.signal.addEventListener('abort', () => clearInterval(timer));
  signal.addEventListener('abort', () => done.abort(), { signal: done.signal });
  track.addEventListener('ended', end, { signal: done.signal });
}
