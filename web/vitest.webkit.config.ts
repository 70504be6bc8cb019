import { defineConfig } from 'vitest/config';

/** Stories in Debian's WebKitGTK on the built binary. Pictures of its pages are in test-results/webkit afterwards. */
export default defineConfig({
  test: { include: ['tests/webkit/*.story.ts'], environment: 'node', testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false },
});
