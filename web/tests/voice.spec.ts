import { accessible, expect, owner, plays, signIn, test } from './story';
import { position, recorded, speechWord, startRecording, stopRecording, transcript } from './steps';

// The main story: what a person says becomes a clip that plays, reads, is found and is answered.
test('record voice, stop, play, read, search, land on the second, comment, seen elsewhere at once', async ({
  signedIn: page,
  browser,
  server,
}) => {
  await startRecording(page, 'Voice', 'To my fellow citizens');
  await expect(page.getByText(/Saved, /)).toBeVisible();
  await recorded(page, 14); // the speech lasts eleven seconds and begins again
  await expect(page.getByRole('list', { name: 'Live transcript' })).toContainText(speechWord, { timeout: 90_000 }); // while still speaking
  const clip = await stopRecording(page);

  await plays(page);
  const words = await transcript(page);
  await expect(words).toContainText(speechWord, { timeout: 90_000 }); // a busy computer takes its time
  await accessible(page);

  // A second browser has the clip open before the comment is written.
  const other = await browser.newContext({ baseURL: server.base });
  await signIn(other.request);
  const colleague = await other.newPage();
  await colleague.goto(`/c/${clip}`);
  await expect(colleague.getByRole('tab', { name: /Comments/ })).toBeVisible();

  await page.goto(`/c/${clip}?t=3`);
  await expect.poll(() => position(page)).toBeCloseTo(3, 0);
  await page.getByRole('tab', { name: /Comments/ }).click(); // the page remembers which one was read last
  const box = page.getByRole('textbox', { name: /comment/i });
  await box.fill('Ask not what *we* can do?');
  await expect(page.getByText('at 0:03')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const seen = colleague.getByRole('article', { name: `Comment by ${owner.name}` });
  await expect(seen).toContainText('Ask not what we can do?');
  await expect(seen.getByRole('button', { name: 'Go to 0:03' })).toBeVisible();
  await other.close();

  // Found by a word that was said, at the second at which it was said: the longest one the engine
  // heard, for the sound of a fake microphone is not the same each time. Other clips of this server
  // may hold the word too, so the hit is this clip's.
  await expect
    .poll(
      async () =>
        ((await (await page.request.get(`/api/v1/clips/${clip}`)).json()) as { steps: { index: { state: string } } }).steps.index.state,
    )
    .toBe('done');
  const said = (await (await page.request.get(`/api/v1/clips/${clip}/transcript`)).json()) as {
    segments: { words: { text: string; start_ms: number }[] }[];
  };
  const heard = said.segments
    .flatMap((s) => s.words)
    .map((w) => ({ text: w.text.toLowerCase().replace(/[^a-z]/g, ''), at: w.start_ms / 1000 }));
  const word = heard.reduce((a, b) => (b.text.length > a.text.length ? b : a)).text;
  const times = heard.filter((w) => w.text === word).map((w) => w.at);
  await page.goto('/search');
  await page.getByRole('searchbox', { name: 'Words to look for' }).fill(`"${word}"`);
  const hit = page.getByRole('list', { name: 'Results' }).locator(`a[data-hit][href^="/c/${clip}?"]`).first();
  await expect(hit.locator('mark').first()).toHaveText(new RegExp(`^${word}$`, 'i'));
  await accessible(page);
  const second = Number(new URL((await hit.getAttribute('href'))!, server.base).searchParams.get('t'));
  const off = Math.min(...times.map((t) => Math.abs(t - second)));
  expect(off, `“${word}” was said at ${times.join(', ')} and found at ${second}`).toBeLessThanOrEqual(0.3);
  await hit.click();
  await page.waitForURL(/\/c\//);
  await expect.poll(() => position(page)).toBeCloseTo(second, 0);
});
