// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { expect, test } from 'vitest';
import Confirm from './Confirm.svelte';
import { confirm } from './confirm.svelte';
import { press } from './testing';

const question = { title: 'Revoke it?', text: 'It cannot be taken back.', action: 'Revoke', danger: true };

test.each([
  ['Revoke', true],
  ['Cancel', false],
  ['Close', false],
])('%s answers %s', async (button, answer) => {
  render(Confirm);
  const asked = confirm(question);
  await screen.findByText('It cannot be taken back.');
  await press(button);
  expect(await asked).toBe(answer);
});

test('a newer question takes an open one back', async () => {
  render(Confirm);
  const first = confirm(question);
  void confirm({ ...question, title: 'Another?' });
  expect(await first).toBe(false);
  expect(await screen.findByText('Another?')).toBeTruthy();
});
