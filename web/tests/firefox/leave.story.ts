import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodedLength, longestSilence, soundSeconds } from '../decode';
import { Studio, type RecorderPage, type RunTime } from './recorder';

let studio: Studio, profile: string;
beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), 'tidings-firefox-'));
  studio = await Studio.start({ inputs: 'fake', profile });
});
afterAll(async () => {
  await studio?.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** Finishes the recording that the page offers, which is the newest clip; answers what it decodes to. */
async function recoverClip(recorder: RecorderPage): Promise<Buffer> {
  const { items } = (await (await studio.api.send('GET', '/api/v1/clips?author=me')).json()) as { items: { id: string; state: string }[] };
  expect(items[0]!.state).toBe('recording');
  await recorder.shows('was cut off');
  await recorder.click('Recover it');
  await recorder.shows('Your recording is safe');
  return studio.api.downloadOriginal(items[0]!.id);
}

/** No more than `most` seconds are missing at the end, and none before. */
function expectLost(original: Buffer, { seconds, late }: RunTime, most: number): void {
  const known = `${soundSeconds(original)} s of sound, ${decodedLength(original)} s of ${seconds} s, of which ${late} s were not heard`;
  expect(soundSeconds(original), known).toBeGreaterThan(seconds - late - most);
  expect(decodedLength(original), known).toBeGreaterThan(seconds - late - most);
  expect(longestSilence(original)).toBeLessThan(1);
}

test.each([
  ['reload', 'camera'],
  ['back', 'voice'],
] as const)('%s in the middle of a recording (%s): half a second is lost at most', async (way, mode) => {
  const recorder = await studio.openRecorder(mode, (page) => page.goto(`${studio.server.base}/library`));
  const asked: string[] = [];
  recorder.page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await recorder.begin();
  await recorder.recorded(4);
  const ran = await recorder.runTime();
  if (way === 'reload') await recorder.page.reload();
  else await recorder.page.goBack();
  expect(asked).toEqual(['beforeunload']);
  await recorder.open('voice');
  expectLost(await recoverClip(recorder), ran, 0.5);
});

test('a Firefox that is killed: the same clip is finished from what it kept, and two seconds are lost at most', async () => {
  const known = () => studio.browser.defaultBrowserContext();
  const recorder = await studio.openRecorder('camera', async () => {}, known());
  await recorder.begin();
  await recorder.recorded(2);
  await studio.server.kill(); // what comes from now on is in the browser's own storage alone
  await recorder.recorded(6);
  const ran = await recorder.runTime();
  await studio.killFirefox();
  await studio.server.run();
  const original = await recoverClip(await studio.openRecorder('voice', async () => {}, known()));
  expectLost(original, ran, 2);
});
