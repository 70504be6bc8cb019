// @vitest-environment happy-dom

import { render, screen } from '../../dev/testingLibrary';
import { afterEach, expect, test, vi } from 'vitest';
import { clipOf } from '../clip/testing';
import { press } from '../ui/testing';
import { LinkDraft } from './linkDraft.svelte';
import { Links } from './links.svelte';
import ShareDialog from './ShareDialog.svelte';

const made = { id: 'L1', access: 'anyone', token: 'abc', url: 'http://localhost/s/abc', views: 0, created_by: clipOf().author };

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['lets', true, /^It is on your clipboard/],
  ['does not let', false, /^The browser did not let this page copy it/],
])('a browser that %s the page copy: what is said of a new link is true', async (_, allowed, said) => {
  vi.stubGlobal('fetch', async () => Response.json(made, { status: 201 }));
  const write = async () => (allowed ? undefined : Promise.reject(new DOMException('', 'NotAllowedError')));
  vi.stubGlobal('navigator', { clipboard: { write, writeText: write } });
  vi.stubGlobal('ClipboardItem', class {});
  document.execCommand = () => false;
  const clip = clipOf({ can: { ...clipOf().can, share: true } });
  render(ShareDialog, { open: true, clip, links: new Links(clip.id), draft: new LinkDraft(), now: 0, length: 10_000 });

  await press('Create and copy a link');

  expect(await screen.findByText(said)).toBeTruthy();
});
