import { expect, it } from 'vitest';
import { parseGlossary, addSoundsLike } from './glossary';

it('reads one term a line, with colons or columns', () => {
  const { entries, wrong } = parseGlossary('Tidings: tie dings, tidying\n\nAna\tanna;  hanna \n: nothing\nBo\na b c d e f g h i\n', [
    { term: 'Bo', sounds_like: ['bow'], note: 'x' },
  ]);
  expect(entries).toEqual([
    { term: 'Bo', sounds_like: ['bow'], note: 'x' },
    { term: 'Tidings', sounds_like: ['tie dings', 'tidying'] },
    { term: 'Ana', sounds_like: ['anna', 'hanna'] },
  ]);
  expect(wrong).toEqual([': nothing', 'a b c d e f g h i']);
});
it('adds a sound once, to the entry that is there', () => {
  const list = addSoundsLike([{ term: 'Ana', sounds_like: ['anna'] }], 'Ana', 'hanna');
  expect(addSoundsLike(list, 'Ana', 'hanna')).toEqual([{ term: 'Ana', sounds_like: ['anna', 'hanna'] }]);
});
