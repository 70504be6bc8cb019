import { recorded, recoverCutOff, startRecording } from '../steps';
import { expect, test } from '../story';
import { allowUnplugging, removeAll } from '../faults';
import { look } from './look';
import { abandonRecording, changeBoot, failDevices, holdCountdown, pressRecord, startButton } from './prepare';

const alert = (text: string | RegExp) => ({ hasText: text });

test('a browser that cannot record', async ({ signedIn: page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'MediaRecorder'));
  await page.goto('/record');
  await expect(page.getByText('This browser cannot record')).toBeVisible();
  await look(page, 'unsupported');
});

test('an address that is not secure', async ({ signedIn: page }) => {
  await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
  await page.goto('/record');
  await expect(page.getByText('This address is not secure')).toBeVisible();
  await look(page, 'insecure');
});

for (const [mode, kinds, name] of [
  ['Voice', ['audioinput'], 'no-microphone'],
  ['Camera', ['videoinput'], 'no-camera'],
  ['Camera', ['audioinput', 'videoinput'], 'no-camera-no-microphone'],
  ['Screen and camera', ['audioinput'], 'no-microphone-screen-kept'],
] as const) {
  test(name, async ({ signedIn: page }) => {
    await allowUnplugging(page);
    await page.goto('/record');
    for (const kind of kinds) await removeAll(page, kind);
    await page.getByRole('radio', { name: mode, exact: true }).check({ force: true });
    await startButton(page).click();
    await expect(page.getByRole('alert').filter(alert(/was found/))).toBeVisible();
    await look(page, name);
  });
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
for (const [mode, kind, error, name] of [
  ['Camera', 'any', 'NotAllowedError', 'refused'],
  ['Camera', 'video', 'NotAllowedError', 'refused-camera'],
  ['Voice', 'any', 'NotReadableError', 'busy-microphone'],
  ['Camera', 'video', 'NotReadableError', 'busy-camera'],
  ['Voice', 'any', 'TypeError', 'cannot-open'],
] as const) {
  test(name, async ({ signedIn: page }) => {
    await failDevices(page, kind, error);
    await pressRecord(page, mode);
    await expect(page.getByRole('alert').filter(alert(/may not use|busy|could not be started/))).toBeVisible();
    await look(page, name);
  });
}

test('refused in Firefox', async ({ signedIn: page }) => {
  await page.addInitScript((agent) => Object.defineProperty(navigator, 'userAgent', { value: agent }), firefox);
  await failDevices(page, 'any', 'NotAllowedError');
  await pressRecord(page, 'Camera');
  await expect(page.getByText(/crossed-out icon/)).toBeVisible();
  await look(page, 'refused-firefox');
});

test('the browser asks', async ({ signedIn: page }) => {
  await page.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => new Promise(() => {})));
  await pressRecord(page, 'Camera');
  await expect(page.getByText('Your browser asks for permission.')).toBeVisible();
  await look(page, 'asking');
});

for (const [error, text, name] of [
  ['NotAllowedError', 'Nothing was shared', 'sharing-refused'],
  ['NotReadableError', 'could not be recorded', 'sharing-impossible'],
  ['InvalidStateError', 'did not work', 'sharing-failed'],
] as const) {
  test(name, async ({ signedIn: page }) => {
    await page.addInitScript((error) => {
      navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException('', error));
    }, error);
    await pressRecord(page, 'Screen');
    await expect(page.getByText(text)).toBeVisible();
    await look(page, name);
  });
}

test('a countdown, cancelled', async ({ signedIn: page }) => {
  await holdCountdown(page);
  await pressRecord(page, 'Camera');
  await expect(page.getByRole('button', { name: 'Start now' })).toBeVisible();
  await look(page, 'countdown');
  await page.keyboard.press('Escape');
  await expect(startButton(page)).toBeEnabled();
  await look(page, 'countdown-cancelled');
});

test('a recorder that does not start', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    MediaRecorder.prototype.start = () => {
      throw new DOMException('There was an error starting the MediaRecorder.', 'NotSupportedError');
    };
  });
  await pressRecord(page, 'Camera');
  await page.getByRole('button', { name: 'Start now' }).click();
  await expect(page.getByText('could not start recording')).toBeVisible();
  await look(page, 'cannot-start');
});

test('a server without space', async ({ signedIn: page }) => {
  await changeBoot(page, {
    no_space: 'The disk of this server is full: whoever runs it must make room before anything new can be recorded.',
  });
  await page.goto('/record');
  await expect(page.getByText('No new recordings for now')).toBeVisible();
  await look(page, 'no-space');
});

test('recordings that were cut off', async ({ signedIn: page }) => {
  await page.goto('/record');
  await abandonRecording(page, { title: 'The review of Tuesday', lengthMs: 64_000 });
  await abandonRecording(page, { title: '', lengthMs: 20_900, onDiskMs: 4_000 });
  await page.reload();
  await expect(page.getByRole('region', { name: 'A recording that was cut off' })).toHaveCount(2);
  await look(page, 'recovery-offered');
  const cut = page.getByRole('region', { name: 'A recording that was cut off' }).filter({ hasText: 'no more room' });
  await cut.getByRole('button', { name: 'Save as a file' }).click();
  await expect(page.getByRole('dialog')).toContainText('This file ends at');
  await look(page, 'cut-off-file');
  await page.keyboard.press('Escape');
  await cut.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('dialog')).toContainText('Discard what was recorded?');
  await look(page, 'recovery-discard');
});

for (const [code, status, detail] of [
  ['quota', 413, 'This workspace is full: 5 GB of 5 GB are used.'],
  ['not_found', 404, 'There is no such workspace.'],
  ['forbidden', 403, 'You may not add clips to this workspace.'],
  ['odd', 422, 'The server does not want it.'],
] as const) {
  test(`a recovery that is refused: ${code}`, async ({ signedIn: page }) => {
    await page.goto('/record');
    await abandonRecording(page, { title: 'The review of Tuesday', lengthMs: 64_000 });
    await page.reload();
    await page
      .context()
      .route('**/api/v1/clips', (route) =>
        route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, title: '', code, detail }) }),
      );
    await page.getByRole('button', { name: 'Recover it' }).click();
    await expect(page.locator('.refused')).toBeVisible();
    await look(page, `recovery-refused-${code}`);
  });
}

test('a recovery without network', async ({ signedIn: page }) => {
  await page.goto('/record');
  await abandonRecording(page, { title: 'The review of Tuesday', lengthMs: 64_000 });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Recover it' })).toBeVisible();
  await page.context().route('**/api/**', (route) => route.abort('internetdisconnected'));
  await page.getByRole('button', { name: 'Recover it' }).click();
  await expect(page.getByText('The server cannot be reached.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save as a file' })).toBeVisible();
  await look(page, 'recovery-unreachable');
});

test('a recovery that is done', async ({ signedIn: page, context }) => {
  await startRecording(page, 'Camera', 'The review of Tuesday');
  await recorded(page, 3);
  await page.close({ runBeforeUnload: false });
  await look(await recoverCutOff(context), 'recovery-done');
});
