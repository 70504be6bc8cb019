// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import Settings from './Settings.svelte';

afterEach(() => {
  vi.unstubAllGlobals();
  boot.me = null;
});

test('offers what the server does, and no hours or channels that nothing keeps', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ items: [], next_cursor: null }));
  boot.me = {
    user: { id: 'U1', name: 'Ana', email: 'ana@harbour.example', avatar_url: null, created_at: '' },
    workspaces: [],
    preferences: { time_zone: 'UTC', working_hours: { from: '09:00', to: '17:00' }, quiet_hours: null, notify: { reply: 'inbox,mail' } },
    version: 3,
  };
  render(Settings);

  expect(await screen.findByText('You have no tokens.')).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>('A reply in a thread you wrote in').checked).toBe(true);
  expect(screen.queryByText(/^your day|working hours|quiet hours|nothing is sent|by mail|push/i)).toBeNull();
});
