// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { expect, test } from 'vitest';
import Notices from './Notices.svelte';
import { clipOf } from './testing';

test('the page says what is damaged of a clip, and nothing of a whole one', async () => {
  const damage = 'The stored original of this recording is damaged.';
  const { rerender } = render(Notices, { clip: clipOf({ damage }), mine: false, onrepeat: () => undefined });
  expect(screen.getByRole('status').textContent).toContain(damage);
  await rerender({ clip: clipOf() });
  expect(screen.queryByRole('status')).toBeNull();
});
