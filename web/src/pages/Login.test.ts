// @vitest-environment happy-dom

import { render, screen, waitFor } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import { fill, press } from '../ui/testing';
import Login from './Login.svelte';

const fetch = vi.fn<(r: Request) => Promise<Response>>();
const assign = vi.fn();

beforeEach(() => {
  vi.stubGlobal('fetch', fetch.mockReset());
  vi.spyOn(location, 'assign').mockImplementation(assign.mockReset());
  boot.next = null;
});
afterEach(() => vi.unstubAllGlobals());

async function signIn() {
  render(Login);
  await fill('Email', 'ana@harbour.example');
  await fill('Password', 'tidal-harbour-9');
  await press('Sign in');
}

test.each([
  [null, '/'],
  ['/c/01K?t=9.5', '/c/01K?t=9.5'],
])('goes on to %s', async (next, to) => {
  boot.next = next;
  fetch.mockResolvedValueOnce(Response.json({}));
  await signIn();
  await waitFor(() => expect(assign).toHaveBeenCalledWith(to));
});

test('a wrong password is said, and only it is typed again', async () => {
  fetch.mockResolvedValueOnce(Response.json({ code: 'unauthenticated', detail: 'The address or the password is wrong.' }, { status: 401 }));
  await signIn();
  expect((await screen.findByRole('alert')).textContent).toBe('The address or the password is wrong.');
  expect((screen.getByLabelText('Email') as HTMLInputElement).value).toBe('ana@harbour.example');
  expect((screen.getByLabelText('Password') as HTMLInputElement).value).toBe('');
  expect(assign).not.toHaveBeenCalled();
});

test('too many tries: how long to wait', async () => {
  fetch.mockResolvedValueOnce(
    Response.json({ code: 'rate_limited', detail: 'Too many tries.' }, { status: 429, headers: { 'Retry-After': '30' } }),
  );
  await signIn();
  expect((await screen.findByRole('alert')).textContent).toBe('Too many tries. Wait 30 seconds.');
});

test('the password can be looked at', async () => {
  render(Login);
  const password = screen.getByLabelText('Password');
  expect(password.getAttribute('type')).toBe('password');
  await press('Show the password');
  expect(password.getAttribute('type')).toBe('text');
});

test('the provider has a button that keeps where one was going, and its trouble is said', () => {
  boot.next = '/c/01K?t=9.5';
  boot.sign_in = {
    passkey_trouble: 'Passkeys need a host name.',
    oidc_name: 'Harbour ID',
    problem: 'Harbour ID cannot be reached just now.',
  };
  render(Login);
  expect(screen.getByRole('alert').textContent).toBe('Harbour ID cannot be reached just now.');
  expect(screen.getByRole('link', { name: 'Continue with Harbour ID' }).getAttribute('href')).toBe(
    '/auth/oidc/start?next=%2Fc%2F01K%3Ft%3D9.5',
  );
  expect(screen.queryByRole('button', { name: /passkey/ })).toBeNull(); // they do not work at this address
  boot.sign_in = null;
});
