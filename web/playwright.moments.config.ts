import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import stories from './playwright.config';

/**
 * Devices that go at bad moments, and sound against picture: the same browser as in the stories. They measure to tenths
 * of a second, which a machine that is busy with other stories does not allow: one at a time.
 */
export default defineConfig(stories, {
  retries: 0,
  testDir: join('tests', 'moments'),
  testMatch: '*.moments.ts',
  outputDir: join('test-results', 'moments'),
  workers: 1,
});
