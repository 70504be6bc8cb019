import { toProblem } from '../lib/api/client';
import { acceptCorrection, readGlossary, type Correction } from '../lib/glossary';
import { toast } from '../ui/toast.svelte';

const asked = new Set<string>(); // in this visit: nobody is asked twice

/** After a correction: whether it was made before, and so may be one for the glossary. Silent when it cannot know. */
export async function offerGlossaryEntry(ws: string): Promise<void> {
  let found: Correction | undefined;
  try {
    found = (await readGlossary(ws)).suggestions.find((c) => !asked.has(`${c.heard}\n${c.written}`));
  } catch {
    return; // a guest, or offline: the settings still offer it
  }
  if (!found) return;
  const c = found;
  asked.add(`${c.heard}\n${c.written}`);
  toast(
    `You wrote “${c.written}” for “${c.heard}” ${c.times === 2 ? 'twice' : `${c.times} times`}. Let the glossary do it from now on?`,
    'info',
    { label: 'Add', run: () => void addCorrection(ws, c) },
  );
}

async function addCorrection(ws: string, c: Correction): Promise<void> {
  try {
    await acceptCorrection(ws, c);
    toast(`“${c.heard}” becomes “${c.written}” in transcripts from now on.`, 'good');
  } catch (e) {
    toast(toProblem(e).detail, 'bad');
  }
}
