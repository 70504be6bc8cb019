// @vitest-environment happy-dom

import { cleanup, render, screen } from '../../dev/testingLibrary';
import { expect, test } from 'vitest';
import DraftNote from './DraftNote.svelte';

test('a server that does not keep up says that better text follows', () => {
  render(DraftNote, { draft: true, running: true, machine: 2, total: 2, refinement: 'afterwards' });
  expect(screen.getByRole('status').textContent).toContain('Better text follows after the recording');
});

test('a draft that is refined meanwhile says so only to who asks', async () => {
  render(DraftNote, { draft: true, running: true, machine: 2, total: 2, refinement: 'meanwhile' });
  expect(screen.queryByRole('status')).toBeNull();
  screen.getByRole('button', { name: /Draft/ }).click();
  expect(await screen.findByText(/seconds after the recording/)).toBeTruthy();
});

test('nothing is promised of a draft that no engine refines', async () => {
  render(DraftNote, { draft: true, running: false, machine: 2, total: 2, refinement: null });
  screen.getByRole('button', { name: /Draft/ }).click();
  expect((await screen.findByText(/Written by machine/)).textContent).not.toContain('Better text');
});

test('better text is named where the note on the draft was, and only there', async () => {
  const props = { running: true, machine: 2, total: 2, refinement: 'meanwhile' as const };
  const { rerender } = render(DraftNote, { draft: true, ...props });
  await rerender({ draft: false });
  expect(screen.queryByRole('button', { name: /Draft/ })).toBeNull();
  expect(screen.getByRole('status').textContent).toBe('Better text has replaced the draft');

  cleanup();
  render(DraftNote, { draft: false, ...props });
  expect(screen.queryByRole('status')).toBeNull();
});
