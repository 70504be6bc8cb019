import { describe, expect, test } from 'vitest';
import fixture from '../../../search/query/testdata/filters.json';
import { filters, keys, type Key } from './filters';
import { split, written } from './language';

// The fixture is the server's, too (search/query/filter_test.go): both parsers are held to the same queries.

test('the table has the filters of the server, in its order', () => {
  expect(keys.map((k) => [k, filters[k].value])).toEqual(fixture.filters.map((f) => [f.name, f.value]));
});

describe.each(fixture.filters)('$name', ({ name, value, values, examples, errors }) => {
  test('offers the values the server knows', () => {
    const offered = filters[name as Key].choices.map((c) => c.value);
    if (value === 'choice' || value === 'place') expect([...offered].sort()).toEqual([...values].sort());
  });

  test.each(examples)('$query', ({ query, chips, text }) => {
    const got = split(query);
    expect([got.chips.map(written), got.words]).toEqual([chips, text]);
  });

  test.each(errors)('$query is a chip that the server can point at', ({ query, at }) => {
    expect(split(query).chips.map(written)).toContain(at);
  });
});

test.each(fixture.data)('no filter: $query', ({ query }) => {
  expect(split(query)).toEqual({ chips: [], words: query });
});
