// @vitest-environment happy-dom

import { fireEvent, render, screen, waitFor } from '../../dev/testingLibrary';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boot } from '../lib/boot';
import Search from './Search.svelte';

const item = {
  clip: {
    id: 'C1',
    workspace_id: 'W',
    channel_id: null,
    author: { id: 'U1', name: 'Ana Lima', avatar_url: null },
    kind: 'screen',
    title: 'Tide tables',
    state: 'ready',
    created_at: '2026-03-10T12:00:00.000Z',
    duration_ms: 60_000,
    poster: null,
  },
  score_order: 1,
  match: 'words',
  moments: [
    { source: 'title', id: 'C1', start_ms: 0, snippet_html: '<mark>Tide</mark> tables', url: '/c/C1' },
    {
      source: 'transcript',
      id: 'S1',
      start_ms: 93_500,
      snippet_html: 'the <mark>tide</mark> &lt;b&gt;turns&lt;/b&gt;',
      url: '/c/C1?t=93.5',
    },
  ],
};
const found = (items: unknown[]) => Response.json({ items, next_cursor: null, engine: 'embedded', took_ms: 3 });
const searches = () => fetch.mock.calls.map(([r]) => new URL(r.url)).filter((u) => u.pathname.endsWith('/search'));
let answers: () => Response | Promise<Response>;
const fetch = vi.fn<(r: Request) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal(
    'fetch',
    fetch
      .mockReset()
      .mockImplementation(async (r) =>
        /members|saved-searches|channels/.test(r.url) && r.method === 'GET' ? Response.json({ items: [], next_cursor: null }) : answers(),
      ),
  );
  boot.page = 'search';
  boot.me = {
    user: { id: 'U1', name: 'Ana Lima', email: 'a@b.example', avatar_url: null, created_at: '' },
    workspaces: [{ id: 'W', name: 'Harbour', role: 'owner', heat: false, mask_profanity: false, created_at: '', version: 1 }],
    preferences: { time_zone: 'UTC', working_hours: null, quiet_hours: null, notify: {} },
    version: 1,
  };
  history.replaceState(null, '', '/search');
  answers = () => found([item]);
});
afterEach(() => vi.unstubAllGlobals());

test('without a question nothing is asked', async () => {
  render(Search);
  expect(screen.getByText('Find the second somebody said it')).toBeTruthy();
  expect(searches()).toHaveLength(0);
});

test('a moment opens where it was said, marked, and never as HTML', async () => {
  history.replaceState(null, '', '/search?q=tide');
  const { container } = render(Search);
  await waitFor(() => expect(container.querySelector('li li a')).not.toBeNull());
  const link = container.querySelector('li li a')!;
  expect(link.getAttribute('href')).toBe('/c/C1?t=93.5');
  expect(link.textContent).toContain('1:33');
  expect(link.querySelector('.text')!.textContent).toBe('the tide <b>turns</b>');
  expect([...container.querySelectorAll('mark')].map((m) => m.textContent)).toEqual(['Tide', 'tide']);
  expect(link.querySelector('b')).toBeNull();
});

const similar = {
  ...item,
  clip: { ...item.clip, id: 'C2', title: 'Low water' },
  score_order: 2,
  match: 'meaning',
  moments: [{ source: 'title', id: 'C2', start_ms: 0, snippet_html: 'Low water. When the sea goes out', url: '/c/C2' }],
};

test('what is found by its meaning comes under a heading, after the words', async () => {
  answers = () => found([item, similar, { ...similar, clip: { ...similar.clip, id: 'C3' } }]);
  history.replaceState(null, '', '/search?q=tide+turns');
  render(Search);
  const heading = await screen.findByText('Similar in meaning');
  const results = [...heading.closest('ol')!.children];
  expect(results.map((li) => li.contains(heading))).toEqual([false, true, false]);
  expect(results[1]!.querySelector('h2')!.textContent).toBe('Low water');
  expect(screen.getByText(/1 clip, 2 similar in meaning/)).toBeTruthy();
  expect(screen.getAllByText(/These say it in other words/)).toHaveLength(1);
});

test('alone, it says that no clip has the words', async () => {
  answers = () => found([similar]);
  history.replaceState(null, '', '/search?q=tide+turns');
  render(Search);
  expect(await screen.findByText(/No clip has these words/)).toBeTruthy();
});

test('without any, there is no heading', async () => {
  history.replaceState(null, '', '/search?q=tide');
  render(Search);
  await screen.findByText(/1 clip/);
  expect(screen.queryByText('Similar in meaning')).toBeNull();
});

test('typing searches and keeps the address', async () => {
  render(Search);
  await fireEvent.input(screen.getByLabelText('Words to look for'), { target: { value: 'ebb' } });
  await waitFor(() => expect(searches().at(-1)?.searchParams.get('q')).toBe('ebb'));
  expect(location.search).toBe('?q=ebb');
});

test('a filter that is typed becomes a chip, which can be removed', async () => {
  render(Search);
  const box = screen.getByLabelText('Words to look for') as HTMLInputElement;
  await fireEvent.input(box, { target: { value: 'ebb kind:voi' } });
  expect(screen.getByRole('listbox').textContent).toContain('Voice');
  await waitFor(() => expect(searches().at(-1)?.searchParams.get('q')).toBe('ebb')); // what is being written means nothing yet
  await fireEvent.input(box, { target: { value: 'ebb kind:voice ' } });
  expect(screen.getByRole('button', { name: 'Remove the filter Kind Voice' })).toBeTruthy();
  expect(box.value).toBe('ebb ');
  await waitFor(() => expect(searches().at(-1)?.searchParams.get('q')).toBe('kind:voice ebb'));
  box.setSelectionRange(0, 0);
  await fireEvent.keyDown(box, { key: 'Backspace' });
  expect(screen.queryByRole('button', { name: /Remove the filter/ })).toBeNull();
  await waitFor(() => expect(searches().at(-1)?.searchParams.get('q')).toBe('ebb'));
});

test('arrows and Enter choose what a filter names', async () => {
  render(Search);
  const box = screen.getByLabelText('Words to look for');
  await fireEvent.input(box, { target: { value: 'is:' } });
  await fireEvent.keyDown(box, { key: 'ArrowDown' });
  expect(document.getElementById(box.getAttribute('aria-activedescendant')!)?.textContent).toContain('Not watched by me');
  await fireEvent.keyDown(box, { key: 'Enter' });
  expect(screen.getByRole('button', { name: 'Remove the filter Not watched by me' })).toBeTruthy();
  expect(location.search).toBe('?q=is%3Aunseen');
});

test('a filter that means nothing is pointed at and can be taken away', async () => {
  answers = () =>
    Response.json(
      {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'invalid',
        detail: 'Nobody here is called "zoe".',
        fields: { q: 'Nobody here is called "zoe".', 'q.start': '0', 'q.end': '8' },
      },
      { status: 400 },
    );
  history.replaceState(null, '', '/search?q=' + encodeURIComponent('from:zoe tide'));
  render(Search);
  expect((await screen.findByRole('alert')).textContent).toContain('Nobody here is called');
  expect(screen.getByRole('button', { name: 'Remove the filter From zoe' }).classList).toContain('wrong');
  answers = () => found([item]);
  await fireEvent.click(screen.getByRole('button', { name: 'Remove from:zoe' }));
  await waitFor(() => expect(searches().at(-1)?.searchParams.get('q')).toBe('tide'));
});

test('arrow keys go through what was found and back into the box', async () => {
  history.replaceState(null, '', '/search?q=tide');
  const { container } = render(Search);
  await waitFor(() => expect(container.querySelectorAll('[data-hit]')).toHaveLength(2));
  const box = screen.getByLabelText('Words to look for');
  box.focus();
  await fireEvent.keyDown(box, { key: 'ArrowDown' });
  expect(document.activeElement?.getAttribute('href')).toBe('/c/C1');
  await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
  expect(document.activeElement?.getAttribute('href')).toBe('/c/C1?t=93.5');
  await fireEvent.keyDown(document.activeElement!, { key: 'ArrowUp' });
  await fireEvent.keyDown(document.activeElement!, { key: 'ArrowUp' });
  expect(document.activeElement).toBe(box);
});

test('nothing found, and a search that fails, are said', async () => {
  answers = () => found([]);
  history.replaceState(null, '', '/search?q=zzz');
  const { unmount } = render(Search);
  expect(await screen.findByRole('heading', { name: 'Nothing found' })).toBeTruthy();
  unmount();
  answers = () => Promise.reject(new TypeError('Failed to fetch'));
  render(Search);
  expect((await screen.findByRole('alert')).textContent).toContain('The server cannot be reached');
});

test('a comment that says it twice shows both places, and the page stands', async () => {
  const twice = ['ask not what your <mark>tide</mark>', 'what you can do for your <mark>tide</mark>'];
  answers = () =>
    found([
      { ...item, moments: twice.map((snippet_html) => ({ source: 'comment', id: 'K1', start_ms: 2000, snippet_html, url: '/c/C1?t=2' })) },
    ]);
  history.replaceState(null, '', '/search?q=tide');
  const { container } = render(Search);
  await waitFor(() => expect(container.querySelectorAll('li li a')).toHaveLength(2));
  expect(new Set([...container.querySelectorAll<HTMLElement>('[data-moment]')].map((b) => b.dataset.moment)).size).toBe(2);
});
