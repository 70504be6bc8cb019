import { toProblem, type SavedSearch } from '../lib/api/client';
import { attempt } from '../ui/attempt';
import { toast } from '../ui/toast.svelte';
import type { SavedSearches } from './saved.svelte';

/** Saves a search, or removes it when it is saved already. */
export function toggleSaved(saved: SavedSearches, text: string, sort: SavedSearch['sort']): Promise<boolean> {
  return attempt(async () => {
    const existing = saved.find(text, sort);
    if (existing) {
      await saved.remove(existing.id);
      toast('The search is no longer saved.', 'info');
    } else {
      await saved.add(text, sort);
      toast('Saved. It waits for you on the empty search page.', 'good');
    }
  });
}

/** Removes a saved search, with a way back. */
export function removeSaved(saved: SavedSearches, s: SavedSearch): Promise<boolean> {
  const undo = () => void saved.add(s.query, s.sort, s.name).catch((e: unknown) => toast(toProblem(e).detail, 'bad'));
  return attempt(async () => {
    await saved.remove(s.id);
    toast('Deleted.', 'info', { label: 'Undo', run: undo });
  });
}
