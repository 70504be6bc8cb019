import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { help } from './keys';

it('docs/using.md tells of the same keys as the help', async () => {
  const page = await readFile('../docs/using.md', 'utf8');
  const rows = [...page.matchAll(/^\| (`.*`) \| (.*) \|$/gm)].map(([, keys, what]) => [
    [...keys!.matchAll(/`([^`]+)`/g)].map((k) => k[1]),
    what,
  ]);
  expect(rows).toEqual(help);
});
