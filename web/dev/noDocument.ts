import type { Environment } from 'vitest/runtime';

/**
 * The environment of tests without a document, but for the question what the server has put into it: nothing. Modules are
 * compiled as for a browser; Vitest's `node` would compile runes as for rendering on a server, where nothing reacts.
 */
export default {
  name: 'no-document',
  viteEnvironment: 'client',
  setup(global: { document?: Pick<Document, 'getElementById'> }) {
    global.document = { getElementById: () => null };
    return {
      teardown() {
        delete global.document;
      },
    };
  },
} satisfies Environment;
