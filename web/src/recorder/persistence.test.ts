// @vitest-environment happy-dom

import { expect, it, vi } from 'vitest';
import { requestPersistence } from './persistence';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

it.each([
  ['a browser that decides by itself is asked', chrome, 1],
  ['a browser that would put a question into the recording is not', firefox, 0],
])('%s', async (_, agent, times) => {
  const persist = vi.fn(() => Promise.resolve(true));
  await requestPersistence(agent, { persist });
  expect(persist).toHaveBeenCalledTimes(times);
});

it('a browser without such storage is left alone', async () => {
  await requestPersistence(chrome, undefined);
  await requestPersistence(chrome, {});
});
