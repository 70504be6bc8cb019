import { loadStored, saveStored } from '../lib/storage';

const most = 8;
const key = (workspace: string) => `searches.${workspace}`;

/** The last searches of this browser, the latest first. They never leave it. */
export function recentSearches(workspace: string): string[] {
  const kept = loadStored<unknown>(key(workspace), []);
  return Array.isArray(kept) ? kept.filter((q): q is string => typeof q === 'string' && q !== '').slice(0, most) : [];
}

/** Stores a recent search. One that only continues the last one (tid, tide) replaces it. */
export function addRecent(workspace: string, q: string): string[] {
  const text = q.trim();
  if (!text) return recentSearches(workspace);
  const rest = recentSearches(workspace).filter((old, i) => old !== text && !(i === 0 && text.startsWith(old)));
  const now = [text, ...rest].slice(0, most);
  saveStored(key(workspace), now);
  return now;
}

export function clearRecent(workspace: string): void {
  saveStored(key(workspace), []);
}
