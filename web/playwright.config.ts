import { defineConfig } from '@playwright/test';
import { fileURLToPath } from 'node:url';

/** Real speech for the fake microphone: eleven seconds of a public-domain address. */
export const speech = fileURLToPath(new URL('../transcribe/testdata/jfk.wav', import.meta.url));

/** Playwright's own list, which this one takes the place of, and two pages for an address bar that nobody sees, which each window loads. */
const withoutFeatures = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'TcpPortRandomizationWin',
  'ThirdPartyStoragePartitioning',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxPopup',
].join();

/**
 * Stories drive the built binary in Debian's Chromium. The fake camera, screen and microphone are
 * Chromium's own; the flags after them keep it from calling home.
 */
export default defineConfig({
  testDir: 'tests',
  // Bounds for what never comes: a slow computer takes its time, and a story that passes waits for none of them.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  workers: 2, // files of stories are independent: each worker has a server of its own. A third browser starves on two slow cores
  retries: 2, // one that passes only then is listed as flaky: a fault to mend, which holds up nobody else
  forbidOnly: !!process.env.CI,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    // Neither a film, which takes a third of the time of all, nor a copy of the page at each step: `--trace on` has both.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false, sources: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless=new',
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream=fps=30',
        `--use-file-for-fake-audio-capture=${speech}`,
        '--autoplay-policy=no-user-gesture-required',
        '--disable-gpu',
        '--disable-quic',
        `--disable-features=${withoutFeatures}`,
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
