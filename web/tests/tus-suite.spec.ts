import { expect, signIn, test } from './story';
import { fileClip, openForeignPage, originalOf, packageFile } from './tus';

interface SpecResult {
  name: string;
  status: string;
  failures: string[];
}

/** Runs the specs whose name has the words, and keeps their results in window.finished. */
const runner = (words: string) => `
const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv();
Object.assign(window, jasmineRequire.interface(jasmine, env), { jasmine });
env.configure({ random: false, specFilter: (spec) => spec.getFullName().includes('${words}') });
window.finished = new Promise((resolve) => {
  const specs = [];
  env.addReporter({
    specDone: (r) => r.status !== 'excluded' && specs.push({ name: r.fullName, status: r.status, failures: r.failedExpectations.map((f) => f.message) }),
    jasmineDone: (r) => resolve(r.failedExpectations.length ? [{ name: 'all', status: 'failed', failures: r.failedExpectations.map((f) => f.message) }] : specs),
  });
});
`;

/**
 * The end-to-end suite of tus-js-client, out of its published package. Two constants differ: the server's
 * address, and the eleven bytes of its file, which have to look like a recording to be taken.
 */
async function endToEndSuite(endpoints: string[], base: string): Promise<string> {
  const suite = await packageFile('tus-js-client/dist/browser-test-bundle.js');
  const pattern = String.raw`/^https:\/\/tusd\.tusdemo\.net\/files\//`;
  expect(suite.split(`endpoint: 'https://tusd.tusdemo.net/files/'`)).toHaveLength(endpoints.length + 1);
  expect(suite.split(pattern)).toHaveLength(endpoints.length + 1);
  return suite
    .replaceAll(`endpoint: 'https://tusd.tusdemo.net/files/'`, () => `endpoint: '${endpoints.shift()}'`)
    .replaceAll(pattern, `new RegExp('^${base}/api/v1/uploads/')`)
    .replaceAll(`'hello world'`, `'OggS world!'`);
}

test("tus-js-client's own end-to-end suite passes in Chromium", async ({ server, page }) => {
  await signIn(page.request);
  const clips = [await fileClip(page.request), await fileClip(page.request)];
  const suite = await endToEndSuite(
    clips.map((clip) => `${server.base}/api/v1/uploads?clip_id=${clip}`),
    server.base,
  );
  await openForeignPage(page, [await packageFile('jasmine-core/lib/jasmine-core/jasmine.js'), runner('end-to-end'), suite]);

  const specs = await page.evaluate(async () => {
    const { jasmine, finished } = window as unknown as {
      jasmine: { getEnv(): { execute(): Promise<void> } };
      finished: Promise<SpecResult[]>;
    };
    await jasmine.getEnv().execute();
    return finished;
  });
  expect(specs).toEqual([
    { name: 'tus end-to-end should upload to a real tus server', status: 'passed', failures: [] },
    { name: 'tus end-to-end should upload to a real tus server with creation-with-upload', status: 'passed', failures: [] },
  ]);

  expect((await originalOf(page.request, clips[1]!)).toString()).toBe('OggS world!');
  const deleted = (await (await page.request.get(`/api/v1/clips/${clips[0]}`)).json()) as { trashed_at: string | null };
  expect(deleted.trashed_at).toBeTruthy();
});
