import { accessible, expect, signIn, test, workspace } from './story';
import { recorded, skipCountdown, startRecording, stopRecording } from './steps';

interface Reply {
  id: string;
  at_ms: number | null;
  reply_clip: { id: string; state: string; steps: { index: { state: string } } } | null;
}

/** Plays the reply under test and returns once its sound was decoded and time moves on. */
const hears = (page: import('@playwright/test').Page) =>
  page.waitForFunction(() => {
    const media = document.querySelector<HTMLMediaElement & { webkitAudioDecodedByteCount?: number }>(
      '.reply-clip audio, .reply-clip video',
    );
    return !!media && media.currentTime > 0.5 && (media.webkitAudioDecodedByteCount ?? 0) > 0;
  });

test('a clip is answered by voice at a second: heard, read, found', async ({ signedIn: page, browser, server }) => {
  await startRecording(page, 'Voice', 'The question');
  await recorded(page, 4);
  const clip = await stopRecording(page);

  const other = await browser.newContext({ baseURL: server.base });
  await signIn(other.request);
  const ben = await other.newPage();
  await ben.goto(`/c/${clip}?t=2`);
  await ben.getByRole('button', { name: 'Reply by voice' }).click();
  const recorder = ben.getByRole('region', { name: 'Reply by voice' });
  await expect(recorder).toContainText('at 0:02');
  await skipCountdown(ben);
  await recorded(ben, 13); // the speech lasts eleven seconds
  await accessible(ben);
  await recorder.getByRole('button', { name: 'Send' }).click();
  await expect(recorder).toBeHidden();

  // The first sees it come, without a reload.
  const reply = page.getByRole('group', { name: /^Voice reply by/ });
  await expect(reply).toBeVisible();
  await reply.getByRole('button', { name: 'Play' }).click();
  await hears(page);
  await reply.getByRole('button', { name: 'Read it' }).click();
  await expect(reply.getByRole('region', { name: /said/ })).toContainText(/country/i, { timeout: 90_000 });
  await accessible(page);
  await page.screenshot({ path: process.env.SHOT ? `${process.env.SHOT}/reply.png` : undefined });

  // It is found under the clip it answers, at the second it stands at, and nowhere else.
  const thread = (await (await page.request.get(`/api/v1/clips/${clip}/comments`)).json()) as { items: Reply[] };
  const made = thread.items.find((c) => c.reply_clip)!;
  expect(made.at_ms).toBe(2000);
  const own = made.reply_clip!.id;
  await expect
    .poll(
      async () =>
        ((await (await page.request.get(`/api/v1/clips/${own}`)).json()) as { steps: { index: { state: string } } }).steps.index.state,
    )
    .toBe('done');
  const ws = await workspace(page.request);
  await expect
    .poll(async () => {
      const found = (await (await page.request.get(`/api/v1/search?workspace=${ws}&q=country&in=comments&limit=100`)).json()) as {
        items: { clip: { id: string }; moments: { source: string; id: string; url: string }[] }[];
      };
      expect(found.items.map((i) => i.clip.id)).not.toContain(own);
      return found.items.find((i) => i.clip.id === clip)?.moments[0];
    })
    .toMatchObject({ source: 'comment', id: made.id, url: `/c/${clip}?t=2` });
  expect(
    ((await (await page.request.get(`/api/v1/clips?workspace=${ws}&limit=100`)).json()) as { items: { id: string }[] }).items.map(
      (c) => c.id,
    ),
  ).not.toContain(own);
  await other.close();
});

test('a tab that dies in the middle of a reply: it is recovered where it was begun', async ({ signedIn: page, context }) => {
  await startRecording(page, 'Voice', 'Answer me');
  await recorded(page, 3);
  const clip = await stopRecording(page);
  await page.goto(`/c/${clip}?t=1`);
  await page.getByRole('button', { name: 'Reply by video' }).click();
  const recorder = page.getByRole('region', { name: 'Reply by video' });
  await recorder.getByRole('button', { name: 'Record' }).click();
  await skipCountdown(page);
  await recorded(page, 5);
  await page.screenshot({ path: process.env.SHOT ? `${process.env.SHOT}/recorder.png` : undefined });
  await page.close({ runBeforeUnload: false });

  const next = await context.newPage();
  await next.goto(`/c/${clip}`);
  const offer = next.getByRole('region', { name: 'A recording that was cut off' });
  await offer.getByRole('button', { name: 'Recover it' }).click();
  const reply = next.getByRole('group', { name: /^Video reply by/ });
  await expect(reply).toBeVisible();
  await expect(offer).toBeHidden();
  await reply.getByRole('button', { name: 'Play' }).click();
  await hears(next);
  await next.screenshot({ path: process.env.SHOT ? `${process.env.SHOT}/video.png` : undefined });
  const thread = (await (await next.request.get(`/api/v1/clips/${clip}/comments`)).json()) as { items: Reply[] };
  expect(thread.items.map((c) => c.at_ms)).toEqual([1000]);

  // Deleting the comment takes the recording with it.
  await next.getByRole('button', { name: 'More for this comment' }).click();
  await next.getByRole('menuitem', { name: 'Delete' }).click();
  await next.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(reply).toBeHidden();
  await expect
    .poll(
      async () =>
        ((await (await next.request.get(`/api/v1/clips/${thread.items[0]!.reply_clip!.id}`)).json()) as { trashed_at: string | null })
          .trashed_at,
    )
    .not.toBeNull();
});
