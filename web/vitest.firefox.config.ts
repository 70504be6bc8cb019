import { defineConfig } from 'vitest/config';

/** Stories in Debian's Firefox on the built binary; those of tests/*.spec.ts run in Chromium by Playwright. */
export default defineConfig({
  test: {
    include: ['tests/firefox/*.story.ts'],
    environment: 'node',
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 1, // two that record at once would take each other’s processor, and sound is what is lost then
    retry: 2,
  },
});
