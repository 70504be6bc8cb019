import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type Uppy from '@uppy/core';
import { build, type Rolldown } from 'vite';
import type { Page, Route } from '@playwright/test';
import { expect, plays, test } from './story';
import { openForeignPage } from './tus';

const entry = fileURLToPath(new URL('uppy-page.ts', import.meta.url));
const recording = fileURLToPath(new URL('../../transcribe/testdata/jfk.wav', import.meta.url));

/** The page's script with Uppy inside, in one piece. */
async function buildPage(): Promise<string> {
  const [output] = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'page' } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })) as Rolldown.RolldownOutput[];
  return output!.output[0].code;
}

/** A promise that is resolved from elsewhere. */
function resolvable<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((r) => (resolve = r));
  return { promise, resolve };
}

/** Lets the nth PATCH of an upload wait for the test: it gets the route, and the others pass. */
async function holdPatch(page: Page, ...numbers: number[]): Promise<(n: number) => Promise<Route>> {
  const held = new Map(numbers.map((n) => [n, resolvable<Route>()]));
  let count = 0;
  await page.route('**/api/v1/uploads/*', async (route) => {
    const one = route.request().method() === 'PATCH' ? held.get(++count) : undefined;
    if (one) one.resolve(route);
    else await route.continue();
  });
  return (n) => held.get(n)!.promise;
}

type UppyWindow = { uppy: Uppy };

test('Uppy uploads a recording, pauses, loses the network, and the clip plays', async ({ signedIn: page, context }) => {
  await openForeignPage(page, [await buildPage()]);
  const held = await holdPatch(page, 2, 4);
  await page.setInputFiles('input', recording);
  const finished = page.evaluate(async () => {
    const result = await (window as unknown as UppyWindow).uppy.upload();
    return result?.successful?.map((file) => ({ url: file.uploadURL!, clip: String(file.meta.clip_id) })) ?? [];
  });

  // Paused while the second part is on its way, and resumed by HEAD.
  await held(2);
  await page.evaluate(() => (window as unknown as UppyWindow).uppy.pauseAll());
  const resumed = page.waitForResponse((r) => r.request().method() === 'HEAD');
  await page.evaluate(() => (window as unknown as UppyWindow).uppy.resumeAll());
  expect((await resumed).headers()['upload-offset']).toBe(String(64 * 1024));

  // The network goes away in the middle, and comes back.
  const cut = await held(4);
  await context.setOffline(true);
  await cut.abort('internetdisconnected');
  await page.waitForFunction(() => !navigator.onLine);
  const again = page.waitForResponse((r) => r.request().method() === 'HEAD' && r.ok());
  await context.setOffline(false);
  expect((await again).headers()['upload-offset']).toBe(String(128 * 1024));

  const [done] = await finished;
  const head = await page.request.head(done!.url, { headers: { 'Tus-Resumable': '1.0.0' } });
  const metadata = head
    .headers()
    ['upload-metadata']!.split(',')
    .map((pair) => pair.split(' '));
  const sent = Object.fromEntries(metadata.map(([key, value]) => [key!, Buffer.from(value ?? '', 'base64').toString()]));
  expect(sent).toEqual({
    clip_id: done!.clip,
    name: 'jfk.wav',
    filename: 'jfk.wav',
    type: 'audio/wav',
    filetype: 'audio/wav',
    relativePath: 'null',
  });

  const bytes = await readFile(recording);
  expect((await (await page.request.get(done!.url)).body()).equals(bytes)).toBe(true); // the link that Uppy's Dashboard shows
  await expect
    .poll(async () => ((await (await page.request.get(`/api/v1/clips/${done!.clip}`)).json()) as { state: string }).state, {
      timeout: 60_000,
    })
    .toBe('ready');
  await page.goto(`/c/${done!.clip}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('jfk.wav');
  await plays(page);
});
