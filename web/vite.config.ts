import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * The build has one entry; each page is a chunk that main.ts imports when the server names it.
 * Nothing is inlined as data: URLs: the content security policy allows only files of our own.
 */
export default defineConfig(async ({ mode, command }): Promise<ViteUserConfig> => ({
  plugins: [
    svelte(),
    mode === 'test' && svelteTesting({ autoCleanup: false }), // dev/testingLibrary.ts does it for the files that draw
    mode === 'development' && command === 'serve' && (await import('./dev/shell.ts')).shell(),
  ],
  build: {
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // hls.js, loaded only where it is needed
    rolldownOptions: { input: 'src/main.ts' },
  },
  worker: { format: 'es' },
  // The server compares Origin with Host, so that Host must be the browser's.
  server: { proxy: { '/api': { target: process.env.TIDINGS_URL ?? 'http://localhost:8080', changeOrigin: false } } },
  // Each file has modules of its own, and a document of its own if it asks for one. Sharing them is faster, but what one file
  // leaves behind (data of the page, open connections) then decides whether the next passes, and the order of files varies.
  test: {
    environment: './dev/noDocument.ts', // a file that needs a document begins with: // @vitest-environment happy-dom
    include: ['src/**/*.test.ts'],
    setupFiles: ['dev/testSetup.ts'],
    testTimeout: 60_000,
    restoreMocks: true,
    isolate: true,
    pool: 'threads',
  },
}));
