import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Page } from '@playwright/test';
import { recorded, startRecording } from '../steps';
import { expect, test } from '../story';
import { installFlashAndBeep, recorderSeconds } from './flashAndBeep';
import { HeapMeter, type HeapSample } from './heap';
import { beepTimes, flashTimes, measureFile, soundDelay } from './measure';
import { benchMinutes } from './minutes';

const seconds = 60 * benchMinutes;
const settled = Math.min(120, seconds / 2); // s; what starts up is in memory then
const MB = 1e6;

interface Clip {
  state: string;
  duration_ms: number;
}

interface Figure {
  what: string;
  value: number;
  unit: string;
  limit?: number;
}

test(`a camera at 720p for ${benchMinutes} minutes`, async ({ signedIn: page }, info) => {
  await installFlashAndBeep(page);
  const meter = await HeapMeter.start(page);
  await startRecording(page, 'Camera', 'A long recording');
  const heap: HeapSample[] = [];
  for (let at = Math.min(30, settled); at <= seconds; at += 30) {
    await recorded(page, at);
    heap.push(await meter.sample(at));
  }
  const shown = await page.getByRole('timer', { name: 'Recorded' }).textContent();
  const playable = await stopAndPlay(page);
  const clock = await recorderSeconds(page);
  const file = info.outputPath('original');
  const server = await download(page, file);

  const { seconds: length, pictures } = await measureFile(file);
  const flashes = await flashTimes(file);
  const beeps = await beepTimes(file);
  const figures: Figure[] = [
    { what: 'sound after picture, first minute', value: soundDelay(flashes, beeps, 0, 60), unit: 'ms', limit: 60 },
    { what: 'sound after picture, last minute', value: soundDelay(flashes, beeps, length - 60, length), unit: 'ms', limit: 60 },
    { what: 'clock less length of the file', value: clock - length, unit: 's', limit: 0.3 },
    { what: 'clock less length on the server', value: clock - server, unit: 's', limit: 0.3 },
    { what: 'growth of the page’s heap', value: growth(heap, 'page'), unit: 'MB', limit: 2 },
    { what: 'growth of the workers’ heaps', value: growth(heap, 'workers'), unit: 'MB', limit: 2 },
    { what: 'from Stop to playable', value: playable, unit: 's' },
    { what: 'length of the file', value: length, unit: 's' },
    { what: 'pictures a second', value: pictures, unit: '' },
    { what: 'flashes and beeps', value: Math.min(flashes.length, beeps.length), unit: '' },
  ];
  console.log(`\nThe clock showed ${shown} before Stop.\n${table(figures)}\n\n${heapTable(heap)}`);
  const missed = figures.filter((f) => f.limit !== undefined && !(Math.abs(f.value) <= f.limit)).map((f) => f.what);
  expect(missed).toEqual([]);
});

/** Seconds from the click on Stop until the player has the first second. */
async function stopAndPlay(page: Page): Promise<number> {
  const from = performance.now();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.waitForURL(/\/c\/[0-9A-Z]{26}/);
  await page.waitForFunction(() => {
    const media = document.querySelector<HTMLMediaElement>('video');
    return !!media && media.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  });
  return (performance.now() - from) / 1000;
}

/** Saves the original once the clip is ready; answers with the length (s) that the server gives it. */
async function download(page: Page, file: string): Promise<number> {
  const id = /\/c\/([0-9A-Z]{26})/.exec(page.url())![1]!;
  const clip = async () => (await (await page.request.get(`/api/v1/clips/${id}`)).json()) as Clip;
  await expect.poll(async () => (await clip()).state, { timeout: seconds * 1000 + 60_000 }).toBe('ready');
  const cookies = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  const answer = await fetch(new URL(`/api/v1/clips/${id}/media/original`, page.url()), { headers: { cookie: cookies } });
  expect(answer.status).toBe(200);
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(file));
  return (await clip()).duration_ms / 1000;
}

/** How much more (MB) is in use at the end than when all had started: the medians of three samples. */
function growth(heap: HeapSample[], of: 'page' | 'workers'): number {
  const median = (list: HeapSample[]) => list.map((s) => s[of]).sort((a, b) => a - b)[list.length >> 1]!;
  const later = heap.filter((s) => s.seconds >= settled);
  return (median(later.slice(-3)) - median(later.slice(0, 3))) / MB;
}

function table(figures: Figure[]): string {
  const rows = figures.map(({ what, value, unit, limit }) => {
    const bound = limit === undefined ? '' : `${limit} ${unit}`;
    return `${what.padEnd(36)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(3)} ${bound}`;
  });
  return [`${''.padEnd(36)} ${'measured'.padStart(9)}     at most`, ...rows].join('\n');
}

function heapTable(heap: HeapSample[]): string {
  const mb = (bytes: number) => (bytes / MB).toFixed(2).padStart(8);
  const rows = heap.map((s) => `${String(s.seconds).padStart(6)} s ${mb(s.page)} ${mb(s.workers)}`);
  return ['recorded     page  workers (MB in use)', ...rows].join('\n');
}
