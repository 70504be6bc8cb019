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
    mode === 'test' && svelteTesting(),
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
  // One document for all files: a new one for each takes ten times as long. Tests remove what they add to it.
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], restoreMocks: true, isolate: false, pool: 'threads' },
}));
