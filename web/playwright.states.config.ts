import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import stories from './playwright.config';

/** Pictures of every bad state of the recorder, checked by axe: the same browser as in the stories. */
export default defineConfig<object, { hasSpeech: boolean }>(stories, {
  retries: 0,
  workers: 1, // a state that lasts for seconds is to be seen on a busy machine, too
  timeout: 400_000,
  testDir: join('tests', 'states'),
  testMatch: '*.states.ts',
  outputDir: join('test-results', 'states'),
  use: { trace: 'off', hasSpeech: false }, // a speech program beside them would make all of them slow
});
