// @vitest-environment happy-dom

import { fireEvent, render, screen } from '../../dev/testingLibrary';
import { expect, test, vi } from 'vitest';
import { fill, press } from '../ui/testing';
import Tags from './Tags.svelte';
import { addTag } from './tags';

const show = (fields = {}) => {
  const onsave = vi.fn<(tags: string[]) => void>();
  render(Tags, { tags: ['ops team'], editable: true, visitor: false, onsave, ...fields });
  return onsave;
};

test('a tag opens the clips that have it', () => {
  show();
  expect(screen.getByRole('link', { name: 'ops team' }).getAttribute('href')).toBe('/search?q=tag%3A%22ops%20team%22');
});

test('a tag is added by Enter and removed by its button', async () => {
  const onsave = show();
  await press('Tag');
  await fill('New tag', '  release  notes ');
  await fireEvent.keyDown(screen.getByLabelText('New tag'), { key: 'Enter' });
  await press('Remove the tag ops team');
  expect(onsave.mock.calls).toEqual([[['ops team', 'release notes']], [[]]]);
});

test('Escape adds nothing', async () => {
  const onsave = show();
  await press('Tag');
  await fill('New tag', 'release');
  await fireEvent.keyDown(screen.getByLabelText('New tag'), { key: 'Escape' });
  expect(onsave).not.toHaveBeenCalled();
});

test('a visitor by a link only reads them', () => {
  show({ editable: false, visitor: true });
  expect(screen.getByText('ops team')).toBeTruthy();
  expect([screen.queryByRole('link'), screen.queryByRole('button')]).toEqual([null, null]);
});

test.each([
  ['', ['a']],
  ['  ', ['a']],
  ['A', ['a']],
  ['#b', ['a', 'b']],
])('adding "%s"', (text, want) => expect(addTag(['a'], text)).toEqual(want));
