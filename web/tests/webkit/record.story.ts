import { beforeAll, expect, test } from 'vitest';
import { decodedLength, longestSilence } from '../decode';
import type { WebKitPage } from './page';
import { startWorld } from './world';

const world = startWorld();
beforeAll(() => world.setUp());

/** Opens the recorder and starts to record from a drawn camera and a tone: this machine has neither camera nor microphone. */
async function beginRecording(page: WebKitPage): Promise<void> {
  await page.clickNamed('Camera');
  await page.evaluate(drawDevices);
  await page.clickNamed('Record camera');
  await page.clickNamed('Start now');
  await page.waitFor(() => document.querySelector('[role=timer]') !== null);
}

async function openRecorder(): Promise<WebKitPage> {
  const page = await world.openPage();
  await world.signIn(page);
  await page.goto(`${world.site.base}/record`);
  await page.waitFor(() => document.querySelector('#app [class*="svelte-"]') !== null); // not only as the server drew it
  return page;
}

test('what WebKitGTK records is as long as its clock showed, and heard', async () => {
  const page = await openRecorder();
  await beginRecording(page);
  await page.waitFor(() => (document.querySelector('[role=timer]')?.textContent ?? '') >= '0:06');
  await page.clickNamed('Stop');
  const clip = await page.waitFor(() => /\/c\/([0-9A-Z]{26})/.exec(location.pathname)?.[1]);
  const original = await world.api.downloadOriginal(String(clip));
  expect(decodedLength(original)).toBeGreaterThan(5.7);
  expect(longestSilence(original)).toBeLessThan(1);
});

/** Runs in the page. */
function drawDevices(): void {
  const canvas = document.createElement('canvas');
  const draw = canvas.getContext('2d')!;
  let hue = 0;
  setInterval(() => {
    draw.fillStyle = `hsl(${(hue += 7)} 80% 50%)`;
    draw.fillRect(0, 0, 300, 150);
  }, 40);
  const graph = new AudioContext();
  const out = graph.createMediaStreamDestination();
  const tone = new OscillatorNode(graph);
  tone.connect(out);
  tone.start();
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const picture = wanted?.video ? canvas.captureStream(25).getTracks() : [];
    return Promise.resolve(new MediaStream([...picture, ...(wanted?.audio ? out.stream.getTracks() : [])]));
  };
}
