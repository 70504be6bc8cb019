// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import Profanity from './Profanity.svelte';

const workspace = { id: 'W', name: 'Harbour', role: 'owner', heat: false, mask_profanity: false, created_at: '', version: 1 } as const;
const box = () => screen.getByRole<HTMLInputElement>('checkbox', { name: /^Mask profane words/ });

afterEach(() => vi.unstubAllGlobals());

test('the mask is off until somebody switches it on, and can be switched off again', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (r: Request) => {
    const body = (await r.json()) as { mask_profanity: boolean };
    asked.push([r.method, new URL(r.url).pathname, body]);
    return Response.json({ ...workspace, ...body });
  });
  render(Profanity, { workspace });
  expect(box().checked).toBe(false);

  box().click();
  await vi.waitFor(() => expect([asked.length, box().disabled, box().checked]).toEqual([1, false, true]));
  box().click();
  await vi.waitFor(() => expect([asked.length, box().disabled, box().checked]).toEqual([2, false, false]));
  const call = (on: boolean) => ['PATCH', '/api/v1/workspaces/W', { mask_profanity: on }];
  expect(asked).toEqual([call(true), call(false)]);
});

test('what the server refuses is taken back', async () => {
  let asked = 0;
  vi.stubGlobal('fetch', async () => (asked++, Response.json({ detail: 'No.', code: 'forbidden' }, { status: 403 })));
  render(Profanity, { workspace: { ...workspace, mask_profanity: true } });
  box().click();
  await vi.waitFor(() => expect([asked, box().disabled, box().checked]).toEqual([1, false, true]));
});
