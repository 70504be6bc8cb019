const prefix = 'tidings.';

/** Reads JSON from localStorage without throwing: unavailable storage and unreadable values give the fallback. */
export function loadStored<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Writes a value as JSON; false when that failed. */
export function saveStored(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Removes all drafts, for the next user of this browser. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (/^tidings\.(draft|reply|edit)\./.test(key)) localStorage.removeItem(key);
  } catch {
    // nothing was kept, so nothing is left
  }
}

export function removeStored(key: string): void {
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // nothing was kept, so nothing is left
  }
}
