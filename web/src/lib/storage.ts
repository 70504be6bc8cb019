const prefix = 'tidings.';

/** localStorage that never throws: private windows, full disks and other people's values answer the fallback. */
export function loadStored<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Remembers a value as JSON. False when it could not be kept. */
export function saveStored(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Forgets all that was begun to be written: whoever uses this browser next is another. */
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
