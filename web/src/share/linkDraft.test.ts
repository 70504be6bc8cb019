import { describe, expect, it } from 'vitest';
import type { Link } from '../lib/api/client';
import { LinkDraft } from './linkDraft.svelte';

const link = (over: Partial<Link> = {}): Link => ({
  id: 'L',
  clip_id: 'C',
  access: 'anyone',
  allow_comments: true,
  allow_download: false,
  start_ms: null,
  end_ms: null,
  expires_at: null,
  created_at: '2026-11-25T00:00:00.000Z',
  created_by: { id: 'U', name: 'Ana', avatar_url: null },
  views: 0,
  last_used_at: null,
  ...over,
});

describe('a new link', () => {
  it('is for anyone, for good, of the whole, without download', () => {
    const d = new LinkDraft();
    d.reset();
    expect(d.request).toEqual({
      access: 'anyone',
      expires_at: null,
      start_ms: null,
      end_ms: null,
      allow_comments: true,
      allow_download: false,
    });
    expect(d.problem).toBe('');
  });
  it('needs a password when it is to have one', () => {
    const d = new LinkDraft();
    d.access = 'password';
    expect(d.problem).toMatch(/password/);
    d.password = 'four';
    expect(d.problem).toBe('');
    expect(d.request.password).toBe('four');
    d.access = 'anyone'; // changed their mind: what was typed is not sent
    expect(d.request).not.toHaveProperty('password');
  });
  it.each([
    ['hour', 3_600_000],
    ['day', 86_400_000],
    ['week', 604_800_000],
    ['month', 2_592_000_000],
  ] as const)('ends in a %s', (ends, ms) => {
    const d = new LinkDraft();
    d.ends = ends;
    expect(d.expiry).toEqual({ expires_in_ms: ms });
  });
  it('does not end in the past', () => {
    const d = new LinkDraft();
    d.ends = 'date';
    expect(d.problem).not.toBe('');
    d.date = '2001-01-01T10:00';
    expect(d.problem).not.toBe('');
    d.date = '2999-01-01T10:00';
    expect(d.problem).toBe('');
  });
});

describe('a part', () => {
  it('is suggested around the playhead, within the clip, and kept when it was chosen', () => {
    const d = new LinkDraft();
    d.suggestSnippet(50_000, 60_000);
    expect([d.start, d.end]).toEqual([50_000, 60_000]);
    d.suggestSnippet(0, 60_000);
    expect([d.start, d.end]).toEqual([50_000, 60_000]);
  });
  it('ends after it begins and is no longer than the server cuts', () => {
    const d = new LinkDraft();
    Object.assign(d, { scope: 'snippet', start: 5000, end: 5000 });
    expect(d.problem).toMatch(/after/);
    Object.assign(d, { start: 0, end: 31 * 60_000 });
    expect(d.problem).toMatch(/30 minutes/);
    Object.assign(d, { start: 1000.4, end: 2000.6 });
    expect(d.request).toMatchObject({ start_ms: 1000, end_ms: 2001 });
  });
});

describe('changing a link', () => {
  it('leaves the expiry and the password as they are unless they are touched', () => {
    const d = new LinkDraft();
    d.edit(link({ access: 'password', expires_at: '2027-01-01T00:00:00.000Z', start_ms: 1000, end_ms: 3000 }));
    expect(d.problem).toBe('');
    expect(d.patch).toEqual({ access: 'password', start_ms: 1000, end_ms: 3000, allow_comments: true, allow_download: false });
    d.ends = 'never';
    d.scope = 'start';
    expect(d.patch).toMatchObject({ expires_at: null, start_ms: 1000, end_ms: null });
  });
  it('asks for a password where there was none', () => {
    const d = new LinkDraft();
    d.edit(link());
    d.access = 'password';
    expect(d.problem).toMatch(/password/);
  });
});
