import type { ClipKind } from '../lib/api/client';

export type View = 'all' | 'mine' | 'trash';

const views: View[] = ['all', 'mine', 'trash'];

/** What a clip was made from, in the order in which it is offered. */
export const kinds: { kind: ClipKind; name: string }[] = [
  { kind: 'screen_camera', name: 'Screen and camera' },
  { kind: 'screen', name: 'Screen' },
  { kind: 'camera', name: 'Camera' },
  { kind: 'voice', name: 'Voice' },
  { kind: 'file', name: 'File' },
];

export function kindName(kind: ClipKind): string {
  return kinds.find((k) => k.kind === kind)?.name ?? kind;
}

/** The filter in a URL's query; anything unknown is left out. */
export function readAddress(search: string): { view: View; kind: ClipKind | ''; channel: string; title: string } {
  const q = new URLSearchParams(search);
  return {
    view: views.find((v) => v === q.get('view')) ?? 'all',
    kind: kinds.find((k) => k.kind === q.get('kind'))?.kind ?? '',
    channel: /^[0-9A-Z]{26}$/.exec(q.get('channel') ?? '')?.[0] ?? '',
    title: (q.get('title') ?? '').slice(0, 200),
  };
}

/** The path and query that show a filter again. */
export function writeAddress(filter: { view: View; kind: ClipKind | ''; channel: string; title: string }): string {
  const q = new URLSearchParams();
  if (filter.view !== 'all') q.set('view', filter.view);
  if (filter.kind) q.set('kind', filter.kind);
  if (filter.channel) q.set('channel', filter.channel);
  if (filter.title.trim()) q.set('title', filter.title.trim());
  const query = q.toString();
  return query ? `/library?${query}` : '/library';
}
