import { accessible, expect, plays, test } from './story';
import { player, recorded, startRecording, stopRecording } from './steps';

test.use({ hasSpeech: false });

test('a stranger watches live by a link, then the whole; taken back, it is closed', async ({ signedIn: page, browser, server }) => {
  await startRecording(page, 'Camera', 'For everybody');
  await page.getByRole('group', { name: 'Who may open the link' }).getByRole('button', { name: 'Anyone' }).click();
  const link = page.getByRole('textbox', { name: 'Link to this clip' });
  await expect(link).toHaveValue(/\/s\//);
  const url = await link.inputValue();
  await recorded(page, 9);

  // A private window, while the recording runs.
  const private_ = await browser.newContext({ baseURL: server.base });
  const stranger = await private_.newPage();
  await stranger.goto(url);
  await expect(stranger.getByText('Live – recording now')).toBeVisible();
  await plays(stranger);
  await accessible(stranger);
  const clip = await stopRecording(page);

  // Without a reload the stranger's page goes on to the finished clip.
  await expect(stranger.getByText('Live – recording now')).toBeHidden();
  await stranger.reload();
  await expect(player(stranger)).toBeVisible();
  await plays(stranger);
  expect(await stranger.locator('meta[property="og:title"]').getAttribute('content')).toBe('For everybody');

  // The link opens this clip and nothing beside it.
  expect((await private_.request.get(`/api/v1/clips/${clip}`)).status()).toBe(404);
  expect((await private_.request.get('/api/v1/clips')).status()).toBe(401);

  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByRole('button', { name: 'Take back' })).toBeHidden();
  expect((await private_.request.get(url)).status()).toBe(404);
  await private_.close();
});
