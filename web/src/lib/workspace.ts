import { boot, type Workspace } from './boot';
import { load, save } from './storage';

/** The workspace this person works in: the one chosen last, else the first. Null for visitors. */
export function workspace(): Workspace | null {
  const all = boot.me?.workspaces ?? [];
  const last = load<string>('workspace', '');
  return all.find((w) => w.id === last) ?? all[0] ?? null;
}

/** Whether somebody of the role looks after the workspace: its people, settings and audit log. */
export function looksAfter(role: Workspace['role'] | undefined): boolean {
  return role === 'owner' || role === 'admin';
}

export function chooseWorkspace(id: string): void {
  save('workspace', id);
}
