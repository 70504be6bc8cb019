import { kinds } from '../library/address';

/** A value a filter may have, and how people read it. */
export interface Choice {
  value: string;
  name: string;
}

/** What a filter's value names: `FilterValues` adds the people and channels of the workspace. */
export type ValueKind = 'person' | 'place' | 'choice' | 'text' | 'date';

interface Filter {
  value: ValueKind;
  /** The name of a chip; '' where the value says it all. */
  label: string;
  /** Whether a query may have it more than once. */
  repeats: boolean;
  /** Values of every workspace, in the order of menus. */
  choices: readonly Choice[];
}

const dates: readonly Choice[] = [
  { value: 'today', name: 'Today' },
  { value: 'yesterday', name: 'Yesterday' },
  { value: '7d', name: '7 days ago' },
  { value: '30d', name: '30 days ago' },
  { value: '6m', name: '6 months ago' },
];

const places: readonly Choice[] = [
  { value: 'titles', name: 'Titles and descriptions' },
  { value: 'transcript', name: 'What was said' },
  { value: 'comments', name: 'Comments' },
];

const states: readonly Choice[] = [
  { value: 'unseen', name: 'Not watched by me' },
  { value: 'unanswered', name: 'Waits for an answer' },
  { value: 'mine', name: 'Mine' },
];

/**
 * The filters of the query language: the web client's one registration of each. `search/query/filter.go` has the server's;
 * docs/how-to/add-a-filter.md lists the steps, and tests compare both tables with search/query/testdata/filters.json.
 */
export const filters = {
  from: { value: 'person', label: 'From', repeats: false, choices: [{ value: 'me', name: 'Me' }] },
  in: { value: 'place', label: 'In', repeats: true, choices: places },
  kind: { value: 'choice', label: 'Kind', repeats: false, choices: kinds.map((k) => ({ value: k.kind, name: k.name })) },
  tag: { value: 'text', label: 'Tag', repeats: false, choices: [] },
  is: { value: 'choice', label: '', repeats: true, choices: states },
  has: { value: 'choice', label: '', repeats: true, choices: [{ value: 'comments', name: 'With comments' }] },
  before: { value: 'date', label: 'Before', repeats: false, choices: dates },
  after: { value: 'date', label: 'After', repeats: false, choices: dates },
  on: { value: 'date', label: 'On', repeats: false, choices: dates },
} as const satisfies Record<string, Filter>;

export type Key = keyof typeof filters;

/** The names of all filters, in the order of the table. */
export const keys = Object.keys(filters) as Key[];

/** The filter of a key. */
export const filter = (key: Key): Filter => filters[key];
