import { toProblem } from '../lib/api/problem';
import { attempt } from '../ui/attempt';
import { confirm } from '../ui/confirm.svelte';
import { toast } from '../ui/toast.svelte';
import type { EditOutcome } from './commentEdit.svelte';
import type { Comments } from './comments.svelte';
import type { Entry } from './tree';

/** Changes a comment's text; a refusal is shown as a toast. */
export async function editComment(list: Comments, c: Entry, body: string): Promise<EditOutcome> {
  try {
    await list.edit(c, body);
    return 'kept';
  } catch (e) {
    const p = toProblem(e);
    if (p.status === 412) return 'changed';
    toast(p.detail, 'bad');
    return 'refused';
  }
}

/** Resolves or reopens a thread; with undoable, a toast offers the way back. */
export async function resolveThread(list: Comments, c: Entry, resolved: boolean, undoable: boolean): Promise<void> {
  const done = await attempt(() => list.resolve(c, resolved));
  if (!done || !resolved || !undoable) return;
  const reopen = () => list.resolve(list.all.find((x) => x.id === c.id) ?? c, false);
  toast('Resolved.', 'info', { label: 'Undo', run: () => void attempt(reopen) });
}

export async function deleteComment(list: Comments, c: Entry): Promise<void> {
  const text = `${c.can_edit ? 'It' : `What ${c.author.name} wrote`} cannot be brought back. Replies stay.`;
  if (!(await confirm({ title: 'Delete this comment?', text, action: 'Delete', danger: true }))) return;
  await attempt(() => list.delete(c));
}
