// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { createRawSnippet } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import type { Workspace } from '../lib/boot';
import Shell from './Shell.svelte';

vi.mock('../lib/unread.svelte', () => ({ unread: { follow: () => () => {}, count: 0 }, formatBadge: String }));

const children = createRawSnippet(() => ({ render: () => '<p>The page</p>' }));
const before = { ...boot };

afterEach(() => Object.assign(boot, before));

function renderFor(role: Workspace['role'], noSpace: string | null) {
  const user = { id: 'u', name: 'Ana', avatar_url: null };
  Object.assign(boot, { page: 'home', no_space: noSpace, me: { user, workspaces: [{ id: 'w', name: 'W', role }] } });
  render(Shell, { title: 'Home', children });
}

test.each(['owner', 'admin'] as const)('an %s reads on every page that there is no space', (role) => {
  renderFor(role, 'Too little free space.');
  expect(screen.getByRole('status').textContent).toBe('Too little free space.');
});

test.each<[Workspace['role'], string | null]>([
  ['member', 'Too little free space.'],
  ['owner', null],
])('a %s with %s reads nothing', (role, noSpace) => {
  renderFor(role, noSpace);
  expect(screen.queryByText('Too little free space.')).toBeNull();
});
