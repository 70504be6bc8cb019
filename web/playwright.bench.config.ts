import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import stories from './playwright.config';
import { benchMinutes } from './tests/bench/minutes';

/** Long recordings in real time, measured: the same browser as in the stories. */
export default defineConfig(stories, {
  retries: 0,
  testDir: join('tests', 'bench'),
  testMatch: '*.bench.ts',
  timeout: (2 * benchMinutes + 10) * 60_000,
  use: { trace: 'off' },
});
