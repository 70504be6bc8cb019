import { expect, plays, test } from './story';
import { player, recorded, startRecording, stopRecording } from './steps';

test.use({ hasSpeech: false });

interface Clip {
  id: string;
  state: string;
  duration_ms: number | null;
  ended_early: boolean;
}

test('a tab that dies in the middle: the same clip is recovered', async ({ signedIn: page, context }) => {
  await startRecording(page, 'Camera', 'Cut off');
  await recorded(page, 5);
  const list = (await (await page.request.get('/api/v1/clips?author=me')).json()) as { items: Clip[] };
  const clip = list.items[0]!;
  expect(clip.state).toBe('recording');
  await page.close({ runBeforeUnload: false });

  const next = await context.newPage();
  await next.goto('/record');
  const offer = next.getByRole('region', { name: 'A recording that was cut off' });
  await expect(offer).toContainText('Cut off');
  await offer.getByRole('button', { name: 'Recover it' }).click();
  await expect(offer).toContainText('Your recording is safe');

  await next.goto(`/c/${clip.id}`);
  await expect(player(next)).toBeVisible();
  await plays(next);
  await expect.poll(async () => ((await (await next.request.get(`/api/v1/clips/${clip.id}`)).json()) as Clip).state).toBe('ready');
  const whole = (await (await next.request.get(`/api/v1/clips/${clip.id}`)).json()) as Clip;
  expect(whole.duration_ms).toBeGreaterThan(3000);
  expect(whole.ended_early).toBe(false);
});

test('a server that is killed in the middle and started again: the clip is whole', async ({ signedIn: page, server }) => {
  await startRecording(page, 'Voice', 'Through the storm');
  await recorded(page, 4);
  await server.kill();
  await expect(page.getByText(/Kept on this computer/)).toBeVisible();
  await recorded(page, 8);
  await server.run();
  await expect(page.getByText(/Saved, /)).toBeVisible();
  await recorded(page, 12);
  const clip = await stopRecording(page);
  await plays(page);
  await expect.poll(async () => ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as Clip).state).toBe('ready');
  const whole = (await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as Clip;
  expect(whole.duration_ms).toBeGreaterThan(11_000);
});
