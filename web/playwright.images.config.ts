import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import stories from './playwright.config';
import { camera } from './tests/images/scenes';

const usual = stories.use?.launchOptions;

/** The screenshots under docs/images: the same browser as in the stories, with a drawn speaker before its camera. */
export default defineConfig(stories, {
  retries: 0,
  testDir: join('tests', 'images'),
  testMatch: '*.shots.ts',
  timeout: 600_000,
  globalSetup: './tests/images/camera.setup.ts',
  use: {
    trace: 'off',
    launchOptions: {
      ...usual,
      args: [...(usual?.args ?? []), `--use-file-for-fake-video-capture=${camera}`, '--hide-scrollbars', '--force-color-profile=srgb'],
    },
  },
});
