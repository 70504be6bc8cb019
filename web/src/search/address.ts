import { join, put, split, type Chip } from './language';

export type Query = {
  /** Filters that stand before the words. */
  chips: Chip[];
  words: string;
  sort: 'relevance' | 'newest';
};

const date = /^\d{4}-\d{2}-\d{2}$/;

/** The query in a URL. Addresses of before filters were chips are understood. */
export function readAddress(search: string): Query {
  const p = new URLSearchParams(search);
  const query: Query = { ...split((p.get('q') ?? '').slice(0, 500)), sort: p.get('sort') === 'newest' ? 'newest' : 'relevance' };
  for (const [name, key] of [
    ['author', 'from'],
    ['kind', 'kind'],
  ] as const) {
    const value = p.get(name);
    if (value) query.chips = put(query.chips, { key, value });
  }
  for (const [name, key, by] of [
    ['from', 'after', -1],
    ['to', 'before', 1],
  ] as const) {
    const day = p.get(name) ?? '';
    if (date.test(day)) query.chips = put(query.chips, { key, value: migrateQuery(day, by) });
  }
  return query;
}

/** A day earlier or later: the old addresses counted both ends in. */
function migrateQuery(day: string, by: number): string {
  return new Date(Date.parse(day) + by * 86_400_000).toISOString().slice(0, 10);
}

export function textOf(query: Query): string {
  return join(query.chips, query.words);
}

export function writeAddress(query: Query): string {
  const p = new URLSearchParams();
  const q = textOf(query);
  if (q) p.set('q', q);
  if (query.sort !== 'relevance') p.set('sort', query.sort);
  const text = p.toString();
  return text ? `/search?${text}` : '/search';
}

/** Whether there is anything to look for. */
export function isSearchable(query: Query): boolean {
  return textOf(query) !== '';
}
