import type { Plugin } from 'vite';

/**
 * Development against a running server (TIDINGS_URL): the page comes from Vite with hot reloading,
 * its boot data from the page the Go server would have drawn.
 */
export function shell(server = process.env.TIDINGS_URL ?? 'http://localhost:8080'): Plugin {
  let cookie = '';
  return {
    name: 'tidings-shell',
    configureServer(vite) {
      vite.middlewares.use((req, _, next) => {
        cookie = req.headers.cookie ?? '';
        next();
      });
    },
    async transformIndexHtml(html, ctx) {
      const page = await fetch(new URL(ctx.originalUrl ?? '/', server), { headers: { cookie } });
      const boot = /<script[^>]*id="boot"[^>]*>[\s\S]*?<\/script>/.exec(await page.text());
      if (!boot) throw new Error(`${server} answered without boot data`);
      return html.replace('<!--boot-->', () => boot[0]);
    },
  };
}
