import { dirname } from 'node:path';
import { recorded, speechWord, startRecording, stopRecording, transcript } from './steps';
import { Server } from './server';
import { accessible, expect, setUp, signIn, test as base } from './story';

/** A server that has Whisper's files, as a default installation has soon after its first start. */
const test = base.extend<object, { server: Server }>({
  server: [
    async ({ hasSpeech }, use) => {
      const model = process.env.TIDINGS_TEST_WHISPER_MODEL;
      const server = await Server.start(model ? ['--models', dirname(model)] : [], hasSpeech);
      await setUp(server);
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
});

test('who reads along sees the draft, and better text in its place seconds after Stop', async ({ signedIn: page, context }) => {
  test.skip(!process.env.TIDINGS_TEST_WHISPER_MODEL, 'make sets it, and fetches the files');
  await startRecording(page, 'Voice', 'To my fellow citizens');
  const link = page.getByRole('textbox', { name: 'Link to this clip' });
  await expect(link).toHaveValue(/\/c\//);

  const reader = await context.newPage();
  await signIn(reader.request);
  await reader.goto(new URL(await link.inputValue()).pathname);
  const words = await transcript(reader);
  await expect(words).toContainText(speechWord, { timeout: 90_000 });
  const draft = words.getByRole('button', { name: /^Draft/ });
  await expect(draft).toBeVisible();
  const first = words.locator('[data-segment]').first();
  const top = (await first.boundingBox())!.y;

  await page.bringToFront();
  await recorded(page, 14);
  const clip = await stopRecording(page);
  await reader.bringToFront();
  await expect(words.getByText('Better text has replaced the draft')).toBeVisible({ timeout: 120_000 }); // a busy computer takes its time
  await expect(draft).toHaveCount(0);
  const { engine, segments } = (await (await reader.request.get(`/api/v1/clips/${clip}/transcript`)).json()) as {
    engine: string;
    segments: { text: string }[];
  };
  expect(engine).toBe('whisper');
  expect(segments.map((s) => s.text).join(' ')).toMatch(speechWord);
  await expect(words.locator('[data-segment] p')).toHaveText(segments.map((s) => s.text));
  expect(Math.abs((await first.boundingBox())!.y - top), 'the line that is read stays in its place').toBeLessThan(2);
  await accessible(reader);
});
