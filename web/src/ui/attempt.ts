import { toProblem } from '../lib/api/problem';
import { toast } from './toast.svelte';

/** Runs an action; a failure is shown as a toast. Returns whether it succeeded. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (e) {
    toast(toProblem(e).detail, 'bad');
    return false;
  }
}
