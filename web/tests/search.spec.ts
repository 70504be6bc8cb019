import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { accessible, expect, owner, test, workspace } from './story';

const speech = fileURLToPath(new URL('../../transcribe/testdata/jfk.wav', import.meta.url));
const b64 = (text: string) => Buffer.from(text).toString('base64');

interface Heard {
  segments: { words: { text: string; start_ms: number }[] }[];
}

test.use({ alone: 'search' }); // it counts what is found

// One person, one keyboard: filters become chips, a hit plays where it was found, the search is kept.
test('chips by typing, a hit plays at its second, a search is saved, all by keyboard', async ({ signedIn: page }) => {
  test.slow(); // a busy machine takes a while to hear eleven seconds
  const ws = await workspace(page.request);
  const clip = (await (
    await page.request.post('/api/v1/clips', { data: { workspace_id: ws, kind: 'file', title: 'Inaugural address' } })
  ).json()) as { id: string };
  const sound = await readFile(speech);
  const sent = await page.request.post('/api/v1/uploads', {
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(sound.length),
      'Upload-Metadata': `clip_id ${b64(clip.id)},filename ${b64('jfk.wav')}`,
      'Content-Type': 'application/offset+octet-stream',
    },
    data: sound,
  });
  expect(sent.status()).toBe(201);
  await expect
    .poll(
      async () =>
        ((await (await page.request.get(`/api/v1/clips/${clip.id}`)).json()) as { steps: { transcribe: { state: string } } }).steps
          .transcribe.state,
      { timeout: 100_000 },
    )
    .toBe('done');
  const find = `/api/v1/search?workspace=${ws}&q=country&in=transcript`;
  await expect
    .poll(async () => ((await (await page.request.get(find)).json()) as { items: unknown[] }).items.length, { timeout: 90_000 })
    .toBe(1);
  const said = (await (await page.request.get(`/api/v1/clips/${clip.id}/transcript`)).json()) as Heard;
  const words = said.segments.flatMap((s) => s.words);
  const first = words.find((w) => /country/i.test(w.text))!;

  await page.goto('/search');
  await expect(page.getByRole('heading', { name: 'Find the second somebody said it' })).toBeVisible();
  await accessible(page);

  // Typed filters become chips: one is chosen from what it may name, one is finished by a space.
  const box = page.getByRole('searchbox', { name: 'Words to look for' });
  await expect(box).toBeFocused();
  await page.keyboard.type('from:');
  await expect(page.getByRole('listbox', { name: 'What the filter may name' })).toContainText(owner.name);
  await accessible(page);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const chips = page.getByRole('list', { name: 'Filters in use' });
  await expect(chips.getByRole('button', { name: `Remove the filter From ${owner.name}` })).toBeVisible();
  await page.keyboard.type('kind:screen ');
  await page.keyboard.type('country');
  await expect(page.getByRole('heading', { name: 'Nothing found' })).toBeVisible();

  // The chip that is in the way is taken off: to the start of the words, and back.
  await page.keyboard.press('Home');
  await page.keyboard.press('Backspace');
  await expect(chips.getByRole('button')).toHaveCount(1);
  const results = page.getByRole('list', { name: 'Results' });
  await expect(results.locator('mark').first()).toHaveText(/country/i);
  expect(new URL(page.url()).searchParams.get('q')).toBe(`from:"${owner.name}" country`);
  await expect(results.getByText(`said ${owner.name}`).first()).toBeVisible();
  await accessible(page);

  // Down to the moment; P plays it in the list, at its second; Esc closes it and leaves one where one was.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(results.locator(`a[data-hit][href^="/c/${clip.id}?"]`).first()).toBeFocused();
  await page.keyboard.press('p');
  const player = page.getByRole('region', { name: 'Plays here: Inaugural address' });
  await expect(player).toBeVisible();
  await page.waitForFunction((from) => {
    const media = document.querySelector<HTMLMediaElement>('li video, li audio');
    return !!media && !media.paused && media.currentTime > from - 0.35 && media.currentTime < from + 5;
  }, first.start_ms / 1000);
  expect(new URL(page.url()).pathname).toBe('/search');
  await expect(page.locator('li video, li audio')).toHaveCount(1);
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(player).toBeHidden();
  await expect(results.getByRole('button', { name: /^Play here from/ }).first()).toBeFocused();

  // Kept, found again on the empty page, asked with Enter, and deleted.
  await page.getByRole('button', { name: 'Save search' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Saved', exact: true })).toBeVisible();
  await page.goto('/search');
  const saved = page.getByRole('region', { name: 'Saved searches' });
  await saved
    .getByRole('button', { name: /country/ })
    .first()
    .press('Enter');
  await expect(results.locator('mark').first()).toHaveText(/country/i);
  await page.goto('/search');
  await saved.getByRole('button', { name: /^Delete the saved search/ }).press('Enter');
  await expect(saved).toBeHidden();
  await expect(page.getByRole('region', { name: /Recent/ }).getByRole('button', { name: /country/ })).toBeVisible();

  // A filter that means nothing is pointed at.
  await page.goto('/search?q=' + encodeURIComponent('rope from:zoe'));
  await expect(page.getByRole('alert')).toContainText('Nobody here is called "zoe".');
  await page.getByRole('button', { name: 'Remove from:zoe' }).press('Enter');
  await expect(page.getByRole('alert')).toBeHidden();
});
