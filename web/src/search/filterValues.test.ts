import { expect, test } from 'vitest';
import type { Member } from '../lib/api/client';
import { FilterValues } from './filterValues.svelte';

test('names are suggested without accents and by any word', () => {
  const values = new FilterValues();
  values.members = ['Ana María López', 'Jon O’Neil'].map((name, i) => ({ id: `u${i}`, name, email: `${i}@example.org` }) as Member);
  values.channels = [{ id: 'c1', name: 'Büro Café' }];
  const names = (key: 'from' | 'in', typed: string) => values.suggestValues(key, typed).map((c) => c.name);
  expect(names('from', '@lope')).toEqual(['Ana María López']);
  expect(names('from', 'ana maria')).toEqual(['Ana María López']);
  expect(names('from', "jon o'n")).toEqual(['Jon O’Neil']);
  expect(names('in', '#buro')).toEqual(['#Büro Café']);
});
