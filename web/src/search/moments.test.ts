import { expect, test } from 'vitest';
import type { Moment } from '../lib/api/client';
import { nameMoment } from './moments';

const moment = (source: Moment['source'], id: string, start_ms: number) =>
  ({ source, id, start_ms, snippet_html: '', url: '', by: null }) as Moment;

test('two places in one comment have names of their own, and all others keep theirs', () => {
  const list = [
    moment('comment', 'C', 2000),
    moment('transcript', 'S', 2000),
    moment('comment', 'C', 2000),
    moment('comment', 'C', 3000),
    moment('comment', 'C', 2000),
  ];
  expect(nameMoment(list).map((m) => m.name)).toEqual([
    'comment-C-2000',
    'transcript-S-2000',
    'comment-C-2000-1',
    'comment-C-3000',
    'comment-C-2000-2',
  ]);
  expect(nameMoment(list).map((m) => m.moment)).toEqual(list);
});
