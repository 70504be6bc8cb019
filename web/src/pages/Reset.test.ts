// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import { fill, press } from '../ui/testing';
import Forgot from './Forgot.svelte';
import Reset from './Reset.svelte';

const fetch = vi.fn<(r: Request) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal('fetch', fetch.mockReset());
  boot.reset = { by_mail: true, state: 'open', token: 'token', email: 'ana@harbour.example' };
});
afterEach(() => vi.unstubAllGlobals());

const sentBody = async () => (await fetch.mock.calls[0]?.[0].clone().json()) as unknown;

test('a link is asked for, and the page does not say whether there is an account', async () => {
  fetch.mockResolvedValueOnce(new Response(null, { status: 202 }));
  render(Forgot);
  await press('Send me a link');
  expect(fetch).not.toHaveBeenCalled();
  await fill('Email', ' ana@harbour.example ');
  await press('Send me a link');
  await screen.findByRole('heading', { name: 'Check your mail' });
  expect(screen.getByText('If ana@harbour.example has an account here, a link is on its way.')).toBeTruthy();
  expect(await sentBody()).toEqual({ email: 'ana@harbour.example' });
});

test('without mail it says who can help', () => {
  boot.reset = { by_mail: false, state: 'none', token: null, email: null };
  render(Forgot);
  expect(screen.getByText(/Ask an owner or admin/)).toBeTruthy();
  expect(screen.queryByLabelText('Email')).toBeNull();
});

test('the new password is set once', async () => {
  fetch.mockResolvedValueOnce(new Response(null, { status: 204 }));
  render(Reset);
  await fill('New password', 'short');
  await press('Set the password');
  expect(fetch).not.toHaveBeenCalled();
  await fill('New password', 'a lantern on the pier');
  await press('Set the password');
  const done = await screen.findByRole('heading', { name: 'Your new password is set' });
  expect(document.activeElement).toBe(done);
  expect(await sentBody()).toEqual({ token: 'token', new_password: 'a lantern on the pier' });
});

test('a link that has ended meanwhile says why', async () => {
  fetch.mockResolvedValueOnce(Response.json({ code: 'gone', detail: 'This link has been used already.' }, { status: 410 }));
  render(Reset);
  await fill('New password', 'a lantern on the pier');
  await press('Set the password');
  const why = await screen.findByText('This link has been used already.');
  expect(document.activeElement?.getAttribute('aria-describedby')).toBe(why.id);
  expect(screen.getByRole('link', { name: 'Get a new link' })).toBeTruthy();
});

test.each([
  ['used' as const, 'This link works no more'],
  ['over' as const, 'This link has expired'],
  ['unknown' as const, 'This link does not open anything'],
])('a link that is %s opens no form', (state, title) => {
  boot.reset = { by_mail: true, state, token: null, email: null };
  render(Reset);
  expect(screen.getByRole('heading').textContent).toBe(title);
  expect(screen.queryByLabelText('New password')).toBeNull();
});
