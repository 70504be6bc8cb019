import { expect, type Locator, type Page } from '@playwright/test';
import type { ModeName } from '../steps';

/** What the server's answer to every further piece of an upload is. */
export async function answerUploads(page: Page, status: number, problem: { code: string; detail: string } | null = null): Promise<void> {
  await page
    .context()
    .route('**/api/v1/uploads/**', (route) =>
      route.request().method() === 'PATCH'
        ? route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, title: '', ...problem }) })
        : route.continue(),
    );
}

/** Requests to open a device of this kind are refused with this error. */
export async function failDevices(page: Page, kind: 'audio' | 'video' | 'any', error: string): Promise<void> {
  await page.addInitScript(
    ({ kind, error }) => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (c) => (kind === 'any' || c?.[kind] ? Promise.reject(new DOMException('', error)) : open(c));
      const query = navigator.permissions.query.bind(navigator.permissions);
      const names = { audio: ['microphone'], video: ['camera'], any: ['microphone', 'camera'] }[kind];
      navigator.permissions.query = async (what) => {
        if (error !== 'NotAllowedError' || !names.includes(what.name)) return query(what);
        return Object.assign(new EventTarget(), { state: 'denied', name: what.name, onchange: null }) as PermissionStatus;
      };
    },
    { kind, error },
  );
}

/** The browser keeps no private files, as in Firefox's private windows. */
export async function denyStorage(page: Page): Promise<void> {
  await page.context().route('**/spool.worker*.js', async (route) => {
    const answer = await route.fetch();
    const deny = 'navigator.storage.getDirectory = () => Promise.reject(new DOMException("", "SecurityError"));\n';
    await route.fulfill({ response: answer, body: deny + (await answer.text()) });
  });
}

interface Boot {
  clip?: { steps: { transcribe: object } };
}

/** Changes what the server says with the page. */
export async function changeBoot(page: Page, change: object | ((boot: Boot) => object), of = '**/record'): Promise<void> {
  await page.route(of, async (route) => {
    const answer = await route.fetch();
    const html = (await answer.text()).replace(
      /(<script[^>]*id="boot"[^>]*>)(.*?)(<\/script>)/s,
      (_, open: string, json: string, close: string) => {
        const was = JSON.parse(json) as Boot;
        const boot: object = { ...was, ...(typeof change === 'function' ? change(was) : change) };
        return open + JSON.stringify(boot).replaceAll('<', '\\u003c') + close;
      },
    );
    await route.fulfill({ response: answer, body: html });
  });
}

/** The countdown stays where it begins. */
export async function holdCountdown(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const start = globalThis.setInterval;
    globalThis.setInterval = ((f: () => void, ms?: number) => (ms === 1000 ? 0 : start(f, ms))) as typeof setInterval;
  });
}

/** Opens the recorder and presses Record. */
export async function pressRecord(page: Page, mode: ModeName): Promise<void> {
  await page.goto('/record');
  await page.getByRole('radio', { name: mode, exact: true }).check({ force: true });
  await startButton(page).click();
}

/** The red one: where something is missing, others begin with "Record" too. */
export const startButton = (page: Page): Locator => page.getByRole('button', { name: /^Record (camera|screen|screen and camera|voice)$/ });

interface Abandoned {
  title: string;
  lengthMs: number;
  onDiskMs?: number;
}

/** Leaves a recording on the disk of the browser, as a tab does that dies. The page must be one of the server's. */
export async function abandonRecording(page: Page, of: Abandoned): Promise<void> {
  const me = (await (await page.request.get('/api/v1/me')).json()) as { user: { id: string }; workspaces: { id: string }[] };
  const userId = me.user.id;
  const workspaceId = me.workspaces[0]!.id;
  await page.evaluate(
    async (meta) => {
      const root = await navigator.storage.getDirectory();
      const folder = await (await root.getDirectoryHandle('recordings', { create: true })).getDirectoryHandle(meta.id, { create: true });
      for (const [name, data] of [
        ['meta.json', JSON.stringify(meta)],
        ['data', new Uint8Array(3_000_000)],
      ] as const) {
        const writer = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await writer.write(data);
        await writer.close();
      }
    },
    {
      id: crypto.randomUUID(),
      key: crypto.randomUUID(),
      createdAt: Date.now() - 3_600_000,
      userId,
      workspaceId,
      kind: 'camera',
      mime: 'video/webm',
      savedTitle: '',
      reply: null,
      sealed: true,
      discarded: false,
      clipId: null,
      path: null,
      ...of,
    },
  );
}

/** The clip that was made last. */
export async function lastClip(page: Page): Promise<string> {
  const list = (await (await page.request.get('/api/v1/clips?author=me')).json()) as { items: { id: string }[] };
  expect(list.items.length).toBeGreaterThan(0);
  return list.items[0]!.id;
}
