import { parseUserAgent } from '../lib/agent';

/**
 * Asks the browser not to clear this site's storage, in which recordings wait, when the disk is nearly full. Firefox would
 * put a question on the screen for it, in the first second of what is recorded: there it is not asked.
 */
export async function requestPersistence(agent = navigator.userAgent, storage: Partial<StorageManager> | undefined = navigator.storage) {
  if (parseUserAgent(agent).browser === 'Firefox') return;
  await storage?.persist?.().catch(() => false);
}
