import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const scriptPath = '/__collector.js';
const reportPath = '/__collector';
const phonePath = '/__phone';

/**
 * A proxy in front of the server that collects the errors of its pages: WebKitWebDriver has no command for the console. Each
 * page gets a script of the same origin that reports what went wrong in it. `/__phone?PATH` shows a page as on a phone, in
 * a frame: MiniBrowser's own window cannot be that narrow.
 */
export class Collector {
  /** What went wrong in the pages since it was emptied. */
  errors: string[] = [];
  base = '';
  private readonly web: Server;

  private constructor(private readonly target: URL) {
    this.web = createServer((q, r) => this.answer(q, r));
  }

  static async start(target: string): Promise<Collector> {
    const collector = new Collector(new URL(target));
    collector.web.listen(0, '127.0.0.1');
    await once(collector.web, 'listening');
    collector.base = `http://127.0.0.1:${(collector.web.address() as AddressInfo).port}`;
    return collector;
  }

  async close(): Promise<void> {
    this.web.closeAllConnections();
    this.web.close();
    await once(this.web, 'close');
  }

  private answer(q: IncomingMessage, r: ServerResponse): void {
    const url = q.url ?? '/';
    if (url === scriptPath) r.setHeader('Content-Type', 'text/javascript').end(`(${reportErrors.toString()})('${reportPath}')`);
    else if (url === reportPath) void this.collect(q, r);
    else if (url.startsWith(`${phonePath}?`)) r.setHeader('Content-Type', 'text/html').end(phone(url.slice(phonePath.length + 1)));
    else this.forward(q, r);
  }

  private async collect(q: IncomingMessage, r: ServerResponse): Promise<void> {
    let text = '';
    for await (const b of q) text += String(b);
    this.errors.push(text);
    r.writeHead(204).end();
  }

  private forward(q: IncomingMessage, r: ServerResponse): void {
    const headers = { ...q.headers, 'accept-encoding': 'identity' };
    const onward = request({ host: this.target.hostname, port: this.target.port, method: q.method, path: q.url, headers }, (answer) => {
      if (/^text\/html/.test(answer.headers['content-type'] ?? '')) void addScript(answer, r);
      else {
        r.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(r);
      }
    });
    onward.on('error', () => r.destroy());
    r.on('close', () => onward.destroy());
    q.pipe(onward);
  }
}

async function addScript(answer: IncomingMessage, r: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const b of answer) parts.push(b as Buffer);
  const page = Buffer.concat(parts)
    .toString()
    .replace(/<head[^>]*>/, (head) => `${head}<script src="${scriptPath}"></script>`);
  const { 'content-length': _, ...headers } = answer.headers;
  const policy = headers['content-security-policy'];
  if (policy) headers['content-security-policy'] = String(policy).replace("frame-ancestors 'none'", "frame-ancestors 'self'");
  r.writeHead(answer.statusCode!, headers).end(page);
}

const phone = (path: string) =>
  `<!doctype html><meta name="color-scheme" content="light dark"><title>Phone</title>` +
  `<iframe src="${decodeURIComponent(path)}" style="border:0" width="390" height="844"></iframe>`;

/** Runs in the pages. */
function reportErrors(to: string): void {
  const report = (text: string) => void navigator.sendBeacon(to, `${location.pathname}: ${text}`);
  const log = console.error.bind(console);
  console.error = (...args: unknown[]) => {
    report(args.map(String).join(' '));
    log(...args);
  };
  const describe = (e: Event) =>
    e instanceof ErrorEvent ? `${e.message} ${e.filename}:${e.lineno}` : `not loaded: ${(e.target as Element).outerHTML}`;
  let leaving = false; // what is still loading then is broken off
  addEventListener('beforeunload', () => (leaving = true));
  addEventListener('error', (e: Event) => leaving || report(describe(e)), true);
  addEventListener('unhandledrejection', (e) => report(`unhandled: ${String(e.reason)}`));
  addEventListener('securitypolicyviolation', (e) => report(`policy: ${e.violatedDirective} ${e.blockedURI}`));
}
