import { readFileSync } from 'node:fs';
import createClient from 'openapi-fetch';
import { expect, test } from 'vitest';
import { creating, repeatOnce } from './repeat';
import type { paths } from './schema';

/** A client whose requests get these answers (null: the connection breaks off), and the keys it has sent. */
function sendAll(answers: (number | null)[]) {
  const keys: (string | null)[] = [];
  const api = createClient<paths>({
    baseUrl: 'http://tidings.test/api/v1',
    fetch: async (request: Request) => {
      keys.push(request.headers.get('Idempotency-Key'));
      const status = answers.shift() ?? null;
      if (status === null) throw new TypeError('Failed to fetch');
      return Response.json({}, { status });
    },
  });
  api.use(repeatOnce());
  return { api, keys };
}

test('a call that got no answer is repeated with its key, and one that got an answer is a new one', async () => {
  const { api, keys } = sendAll([null, 502, 201, 201]);
  const create = () => api.POST('/workspaces', { body: { name: 'Ocean' } });
  await expect(create()).rejects.toThrow();
  await create();
  await create();
  await create();
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys.slice(1, 3)).toEqual([keys[0], keys[0]]);
  expect(keys[3]).not.toBe(keys[0]);
});

test('another body has another key; a key that is given stays; other calls have none', async () => {
  const { api, keys } = sendAll([null, 201, 201, 200]);
  await expect(api.POST('/workspaces', { body: { name: 'Ocean' } })).rejects.toThrow();
  await api.POST('/workspaces', { body: { name: 'Sea' } });
  await api.POST('/workspaces', { body: { name: 'Sea' }, params: { header: { 'Idempotency-Key': 'mine' } } });
  await api.GET('/workspaces');
  expect(keys[1]).not.toBe(keys[0]);
  expect(keys.slice(2)).toEqual(['mine', null]);
});

test('the calls that take a key in the description of the API are those that get one', () => {
  const paths = readFileSync('../api/openapi.yaml', 'utf8').split(/^ {2}(?=\/)/m);
  for (const path of paths.slice(1)) {
    const name = path.slice(0, path.indexOf(':'));
    const post = path.split(/^ {4}(?=\w+:$)/m).find((method) => method.startsWith('post:'));
    if (post) expect([name, creating.test(name)]).toEqual([name, post.includes('parameters/IdempotencyKey')]);
  }
});
