import { boot, type Workspace } from './boot';
import { loadStored, saveStored } from './storage';

/** The workspace this person works in: the one chosen last, else the first. Null for visitors. */
export function currentWorkspace(): Workspace | null {
  const all = boot.me?.workspaces ?? [];
  const last = loadStored<string>('workspace', '');
  return all.find((w) => w.id === last) ?? all[0] ?? null;
}

/** Whether a role administers the workspace: its people, settings and audit log. */
export function canAdminister(role: Workspace['role'] | undefined): boolean {
  return role === 'owner' || role === 'admin';
}

export function chooseWorkspace(id: string): void {
  saveStored('workspace', id);
}
