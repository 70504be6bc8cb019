// @vitest-environment happy-dom

import { render, waitFor } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import type { Workspace } from '../lib/boot';
import { ChannelList } from '../lib/channels.svelte';
import { fill, press } from '../ui/testing';
import InviteForm from './InviteForm.svelte';
import TokenForm from './TokenForm.svelte';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A network on which the first answer is lost; what was sent. */
function loseFirstAnswer() {
  const sent: { key: string | null; body: string }[] = [];
  vi.stubGlobal('fetch', async (r: Request) => {
    sent.push({ key: r.headers.get('Idempotency-Key'), body: await r.text() });
    if (sent.length === 1) throw new TypeError('Failed to fetch');
    return Response.json({}, { status: 201 });
  });
  return sent;
}

/** Clicks, and a minute later again, because no answer came. */
async function pressTwice(button: string, sent: unknown[]) {
  await press(button);
  await waitFor(() => expect(sent).toHaveLength(1));
  const later = Date.now() + 60_000;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  await waitFor(async () => {
    await press(button);
    expect(sent).toHaveLength(2);
  });
}

test.each(['token', 'invite'])('a click repeated after a lost answer is the same request: %s', async (form) => {
  const sent = loseFirstAnswer();
  const onmade = vi.fn();
  const rest = { onmade, oncancel: () => {} };
  if (form === 'token') {
    render(TokenForm, rest);
    await fill('Name', 'Nightly export');
    await pressTwice('Make the token', sent);
  } else {
    const workspace = { id: 'W', name: 'Ocean', role: 'owner' } as Workspace;
    render(InviteForm, { workspace, channels: new ChannelList('W'), canMail: false, ...rest });
    await pressTwice('Make the link', sent);
  }
  await waitFor(() => expect(onmade).toHaveBeenCalledOnce());
  expect(sent[0]!.key).toBeTruthy();
  expect(sent[1]).toEqual(sent[0]);
});
