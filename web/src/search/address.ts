import type { ClipKind } from '../lib/api/client';
import { kinds } from '../library/address';

export type Query = {
  q: string;
  /** A user id, or `me`; '' is everybody. */
  author: string;
  kind: ClipKind | '';
  /** Dates, YYYY-MM-DD, both inclusive; '' is open. */
  from: string;
  to: string;
  sort: 'relevance' | 'newest';
};

const date = /^\d{4}-\d{2}-\d{2}$/;

/** The query in a URL; anything unknown is left out. */
export function readAddress(search: string): Query {
  const p = new URLSearchParams(search);
  const day = (name: string) => (date.test(p.get(name) ?? '') ? p.get(name)! : '');
  return {
    q: (p.get('q') ?? '').slice(0, 500),
    author: p.get('author') ?? '',
    kind: kinds.find((k) => k.kind === p.get('kind'))?.kind ?? '',
    from: day('from'),
    to: day('to'),
    sort: p.get('sort') === 'newest' ? 'newest' : 'relevance',
  };
}

export function writeAddress(query: Query): string {
  const p = new URLSearchParams();
  const put = (name: string, value: string) => value && p.set(name, value);
  put('q', query.q.trim());
  put('author', query.author);
  put('kind', query.kind);
  put('from', query.from);
  put('to', query.to);
  if (query.sort !== 'relevance') p.set('sort', query.sort);
  const text = p.toString();
  return text ? `/search?${text}` : '/search';
}

/** Whether there is anything to look for. */
export function asks(query: Query): boolean {
  return query.q.trim() !== '' || query.author !== '' || query.kind !== '' || query.from !== '' || query.to !== '';
}
