import { expect, type APIRequestContext, type Page } from '@playwright/test';
import { workspace } from '../story';
import { bare, film, sound, speaking, voice, type Shot } from './film';
import { board, cities, editor, script } from './scenes';

interface Made {
  title: string;
  description?: string;
  kind: 'screen' | 'camera' | 'screen_camera' | 'voice';
  file: (page: Page) => Promise<Buffer>;
  comments?: [at_ms: number | null, body: string, reply?: string][];
}

const evenly = (seconds: number, pages: string[]): Shot[] => pages.map((html) => ({ html, seconds: seconds / pages.length }));
const spoken = (seconds: number): Shot[] => {
  const letters = cities.clauses.join('').length;
  return cities.clauses.map((c, i) => ({ html: script(cities, i), seconds: (seconds * c.length) / letters }));
};

/** What lies in the library of a small house for audio books; the newest is last. */
const made: Made[] = [
  { title: 'Sonnet I from the second quatrain, softer', kind: 'voice', file: () => sound(voice('sonnet001'), 15) },
  {
    title: 'A review of the plan, every Tuesday',
    kind: 'screen',
    file: (p) => film(p, evenly(7.7, [0, 1, 2, 3, 4].map(board)), voice('lj050-0131')),
    comments: [[4000, 'Tuesdays it is. I take the first one.']],
  },
  {
    title: 'Inaugural: this is the cut',
    kind: 'screen',
    file: (p) =>
      film(
        p,
        evenly(
          11,
          Array.from({ length: 44 }, (_, i) => editor(i / 44)),
        ),
        voice('jfk'),
      ),
    comments: [[6900, 'Yes. The breath before “ask” must stay.']],
  },
  {
    title: 'Warming up in the small booth',
    kind: 'camera',
    file: (p) =>
      film(
        p,
        Array.from({ length: 22 }, () => speaking(6))
          .flat()
          .map((s) => ({ html: bare(s), seconds: 44.3 / 132 })),
        voice('two_cities'),
      ),
  },
  {
    title: 'Sonnet I, first reading',
    kind: 'voice',
    file: () => sound(voice('sonnet001')),
    comments: [
      [12_600, '“His tender heir” is lovely. Keep this one whatever we do with the rest.'],
      [31_000, 'A plosive here. Shall I ask for a pick-up?', 'No need, a high-pass at 90 Hz takes it away.'],
    ],
  },
  {
    title: 'Two Cities, chapter one: the pace I have in mind',
    description: 'Three notes before you go into the booth. The script is in the *Two Cities* folder, the notes stand in its margin.',
    kind: 'screen_camera',
    file: (p) => film(p, spoken(44.3), voice('two_cities'), true),
    comments: [
      [2_400, 'One breath to here, please. It carries the whole paragraph.'],
      [
        16_200,
        'Is **Light** a name, or just light? I would lean on it a little.',
        'A name. Capital letter in the first edition, and Darkness too.',
      ],
      [39_800, 'This is where I smiled. Do not change it.'],
      [null, 'Booked the small booth for Thursday, nine o’clock.'],
    ],
  },
];

/** Fills the workspace; answers with the clips' ids by title. */
export async function fill(page: Page, studio: Page): Promise<Map<string, string>> {
  const ws = await workspace(page.request);
  const ids = new Map<string, string>();
  for (const m of made) ids.set(m.title, await upload(page.request, ws, m, await m.file(studio)));
  return ids;
}

async function upload(api: APIRequestContext, workspace_id: string, m: Made, body: Buffer): Promise<string> {
  const clip = await call<{ id: string; version: number }>(api, 'post', '/clips', { workspace_id, kind: m.kind, title: m.title });
  const type = m.kind === 'voice' ? 'audio/webm' : 'video/mp4';
  const b64 = (s: string) => Buffer.from(s).toString('base64');
  const tus = { 'Tus-Resumable': '1.0.0' };
  const created = await api.post('/api/v1/uploads', {
    headers: { ...tus, 'Upload-Length': String(body.length), 'Upload-Metadata': `clip_id ${b64(clip.id)},filetype ${b64(type)}` },
  });
  expect(created.status()).toBe(201);
  const sent = await api.patch(created.headers()['location']!, {
    headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
    data: body,
  });
  expect(sent.status()).toBe(204);
  if (m.description) await call(api, 'patch', `/clips/${clip.id}`, { description: m.description });
  for (const [at_ms, text, reply] of m.comments ?? []) {
    const first = await call<{ id: string }>(api, 'post', `/clips/${clip.id}/comments`, { at_ms, body: text });
    if (reply) await call(api, 'post', `/clips/${clip.id}/comments`, { body: reply, parent_id: first.id });
  }
  await done(api, clip.id);
  return clip.id;
}

/** Waits until a clip is ready, read and found. */
export async function done(api: APIRequestContext, id: string): Promise<void> {
  const steps = async () => {
    const clip = await call<{ state: string; steps: Record<string, { state: string }> }>(api, 'get', `/clips/${id}`);
    return [clip.state, ...Object.values(clip.steps).map((s) => s.state)].join(' ');
  };
  await expect.poll(steps, { timeout: 240_000 }).toBe('ready done done done done');
}

async function call<T>(api: APIRequestContext, method: 'get' | 'post' | 'patch', path: string, data?: object): Promise<T> {
  const answer = await api[method](`/api/v1${path}`, data ? { data } : {});
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  return (await answer.json()) as T;
}
