// @vitest-environment happy-dom

import { render, screen, waitFor } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import { fill, press } from '../ui/testing';
import Setup from './Setup.svelte';

const fetch = vi.fn<(r: Request) => Promise<Response>>();
const assign = vi.fn();

beforeEach(() => {
  vi.stubGlobal('fetch', fetch.mockReset());
  vi.spyOn(location, 'assign').mockImplementation(assign.mockReset());
  boot.setup = { needed: true, token_required: false };
});
afterEach(() => vi.unstubAllGlobals());

async function fillIn() {
  await fill('Workspace', ' Harbour ');
  await fill('Your name', 'Ana Lima');
  await fill('Email', 'ana@harbour.example');
  await fill('Password', 'tidal-harbour-9');
}

test('what is missing is said at its field, the first has the focus, and nothing is sent', async () => {
  render(Setup);
  await press('Create the workspace');
  expect(screen.getByLabelText('Workspace').getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByText('At least 8 characters.')).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Workspace')));
  expect(fetch).not.toHaveBeenCalled();
});

test('sets up and goes home', async () => {
  fetch.mockResolvedValueOnce(Response.json({}, { status: 201 }));
  render(Setup);
  await fillIn();
  await press('Create the workspace');
  await waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
  expect(await fetch.mock.calls[0]![0].json()).toMatchObject({
    workspace_name: 'Harbour',
    name: 'Ana Lima',
    email: 'ana@harbour.example',
    password: 'tidal-harbour-9',
    time_zone: expect.any(String),
  });
});

test('from another machine the token of the server is asked for and sent', async () => {
  boot.setup = { needed: true, token_required: true };
  fetch.mockResolvedValueOnce(
    Response.json({ code: 'forbidden', detail: 'The setup token is needed.', fields: { setup_token: 'This is not it.' } }, { status: 403 }),
  );
  render(Setup);
  await fillIn();
  await fill('Setup token', ' ABC ');
  await press('Create the workspace');
  await waitFor(() => expect(screen.getByText('This is not it.')).toBeTruthy());
  expect(await fetch.mock.calls[0]![0].json()).toMatchObject({ setup_token: 'ABC' });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Setup token')));
});

test('on the server itself no token is asked for', () => {
  render(Setup);
  expect(screen.queryByLabelText('Setup token')).toBeNull();
});
