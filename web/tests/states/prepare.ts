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

/** What keeps and sends recordings breaks off four seconds after it was first used. */
export async function failSpool(page: Page): Promise<void> {
  await page.context().route('**/spool.worker*.js', async (route) => {
    const answer = await route.fetch();
    const fail = `{
      const fail = () => postMessage({ type: 'failed', message: 'TypeError: x is undefined' });
      addEventListener('message', () => setTimeout(fail, 4000), { once: true });
    }\n`;
    await route.fulfill({ response: answer, body: fail + (await answer.text()) });
  });
}

/** The clock of the sound goes slower than the one on the wall, as where a computer does not make all of it. */
export const slowSound = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const time = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'currentTime')!;
    Object.defineProperty(BaseAudioContext.prototype, 'currentTime', {
      ...time,
      get(this: BaseAudioContext) {
        return (time.get!.call(this) as number) * 0.8;
      },
    });
  });

interface ClipSteps {
  steps: { transcribe: object };
}

/** The server says of this clip that no better transcript could be made. */
export async function giveUpTranscript(page: Page, clip: string): Promise<void> {
  const transcribe = { state: 'done', progress: 1, failure: 'The speech program did not answer.' };
  const giveUp = <C extends ClipSteps>(clip: C): C => ({
    ...clip,
    steps: { ...clip.steps, transcribe: { ...clip.steps.transcribe, ...transcribe } },
  });
  await page.route(/\/events\b/, (route) => route.abort()); // the server's own word would follow
  await changeBoot(page, (boot) => (boot.clip ? { clip: giveUp(boot.clip) } : {}), `**/c/${clip}`);
  await page.route(`**/api/v1/clips/${clip}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: giveUp((await answer.json()) as ClipSteps) });
  });
}

interface Boot {
  clip?: ClipSteps | null;
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

/** Stops the clock of the page: what the recorder says for a few seconds stays, while pictures are taken of it. */
export const holdTime = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const at = performance.now();
    Object.defineProperty(performance, 'now', { value: () => at, configurable: true, writable: true });
  });

/** Lets it go on; it jumps to where it would be. */
export const releaseTime = (page: Page): Promise<void> =>
  page.evaluate(() => {
    Reflect.deleteProperty(performance, 'now');
  });

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
