import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { key, type WebKitPage } from './page';
import { startWorld } from './world';

const world = startWorld();
beforeAll(() => world.setUp());

/** Plays by the player's button and returns once the picture moves and, where there is a sound device, the sound is heard. */
async function play(page: WebKitPage): Promise<void> {
  await page.click('[aria-label="Play the clip"]');
  await page.waitFor(() => {
    const v = document.querySelector('video')!;
    return v.currentTime > 0.5 && v.getVideoPlaybackQuality().totalVideoFrames > 5;
  });
  if (world.sound.available) expect(await world.sound.hears()).toBe(true);
}

async function openClip(): Promise<WebKitPage> {
  const page = await world.openPage();
  await world.signIn(page);
  await page.goto(`${world.site.base}/c/${world.clip}`);
  return page;
}

test('a member watches and seeks; nothing says that it loads once it plays', async () => {
  const page = await openClip();
  await play(page);
  // Forwards and back, several times: not every seek leaves WebKit's readyState behind.
  for (const to of ['5', '1', '6', '2', '7', '3']) {
    await await page.pressKeys(to); // jumps to 50 %, 10 % and so on
    const at = (Number(to) / 10) * 24;
    await page.waitFor((t) => {
      const played = document.querySelector('video')!.currentTime - t;
      return played > 0.7 && played < 2;
    }, at);
    expect(await page.evaluate(() => document.querySelector('figure [role=status]')?.textContent ?? null)).toBeNull();
  }
});

test('a member reads the transcript, jumps by a word and sees captions', async () => {
  const page = await openClip();
  await page.clickNamed('Transcript');
  await page.shows('country');
  await page.waitFor(() => {
    const word = [...document.querySelectorAll<HTMLElement>('[data-segment] [data-i]')].find((w) => /country/i.test(w.innerText));
    word?.setAttribute('id', 'the-word');
    return word !== undefined;
  });
  await page.click('#the-word');
  await page.waitFor(() => document.querySelector('video')!.currentTime > 3);
  await page.pressKeys('c');
  await page.waitFor(() => document.querySelector('figure .caption')?.textContent);
});

test('a member comments, and copies a new link inside the click', async () => {
  const page = await openClip();
  await page.shows('What do you think?');
  await page.type('textarea[aria-label="Comment"]', `From WebKit.${key.enter}`);
  await page.waitFor(() => [...document.querySelectorAll('article')].some((a) => a.innerText.includes('From WebKit.')));

  await page.clickNamed('Share');
  await page.clickNamed('Create and copy a link');
  const link = await page.waitFor(() => document.querySelector<HTMLInputElement>('input[aria-label="The new link"]')?.value);
  await page.shows('It is on your clipboard.');
  await page.pressKeys(key.escape);
  await page.click('textarea[aria-label="Comment"]');
  await page.pressKeys(key.control, 'v');
  await page.waitFor((text) => document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Comment"]')!.value === text, link);
});

test('a stranger reads, watches and comments by a share link', async () => {
  const { url } = await world.api.createLink(world.clip);
  const page = await world.openPage();
  await page.goto(world.address(url));
  await page.shows('What do you think?');
  await play(page);
  await page.type('input[placeholder="Your name"]', `Zoë${key.enter}`);
  await page.type('textarea[aria-label="Comment"]', `From a stranger.${key.enter}`);
  await page.waitFor(() => [...document.querySelectorAll('article')].some((a) => a.innerText.includes('From a stranger.')));
  expect(await (await world.api.send('GET', `/api/v1/clips/${world.clip}/comments`)).text()).toContain('From a stranger.');
});

test('a viewer waits at the live edge while the recorder pauses, and goes on', async () => {
  const live = await world.api.createClip('Right now');
  const upload = await world.api.beginUpload(live);
  const cut = Math.floor(world.recording.length / 2);
  await upload.append(world.recording.subarray(0, cut));
  await world.api.waitForClip(live, (c) => c.media.master !== null);

  const { url } = await world.api.createLink(live);
  const page = await world.openPage();
  await page.goto(world.address(url));
  await page.shows('recording now');
  await play(page);
  await page.waitFor(() => {
    const v = document.querySelector('video')!;
    const end = v.buffered.length > 0 ? v.buffered.end(v.buffered.length - 1) : 0;
    return end > 6 && end - v.currentTime < 0.3 && document.querySelector('figure [role=status]') !== null;
  });

  const waited = await page.evaluate(waitAtEdge);
  expect(waited.back).toBeLessThan(0.3);
  expect(waited.waiting).toBe(true);

  await upload.append(world.recording.subarray(cut), true);
  await page.waitFor((at) => document.querySelector('video')!.currentTime > at + 2, waited.at);
  await page.waitFor(() => document.querySelector('figure [role=status]') === null);
});

/** Runs in the page: lets the playlist be asked for six times more (over ten seconds), and says how far the playhead went back. */
async function waitAtEdge(): Promise<{ at: number; back: number; waiting: boolean }> {
  const v = document.querySelector('video')!;
  const at = v.currentTime;
  let refreshed = 0;
  await new Promise<void>((resolve) =>
    new PerformanceObserver((list) => {
      refreshed += list.getEntries().filter((e) => e.name.includes('.m3u8')).length;
      if (refreshed >= 6) resolve();
    }).observe({ type: 'resource' }),
  );
  return { at, back: at - v.currentTime, waiting: document.querySelector('figure [role=status]') !== null };
}

test('an embed plays in the page of another site', async () => {
  const { token } = await world.api.createLink(world.clip);
  const wiki = createServer((_, r) =>
    r
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><title>Wiki</title><iframe src="${world.site.base}/embed/${token}" width="640" height="360"></iframe>`),
  );
  await new Promise<void>((resolve) => wiki.listen(0, '127.0.0.1', resolve));
  try {
    const page = await world.openPage();
    await page.goto(`http://127.0.0.1:${(wiki.address() as AddressInfo).port}`);
    await page.enterFrame('iframe');
    await play(page);
  } finally {
    wiki.closeAllConnections();
    wiki.close();
  }
});
