export type Device = { browser: string; system: string; handheld: boolean };

const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Chrome'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
];
const systems: [RegExp, string, boolean][] = [
  [/\biPhone\b/, 'iPhone', true],
  [/\biPad\b/, 'iPad', true],
  [/\bAndroid\b/, 'Android', true],
  [/\bWindows\b/, 'Windows', false],
  [/\bCrOS\b/, 'ChromeOS', false],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS', false],
  [/\bLinux\b|\bX11\b/, 'Linux', false],
];

/** What a User-Agent says of the browser, for people to know their own devices by. It is a claim, not a fact. */
export function parseUserAgent(agent: string): Device {
  const system = systems.find(([form]) => form.test(agent));
  return {
    browser: browsers.find(([form]) => form.test(agent))?.[1] ?? 'A browser',
    system: system?.[1] ?? '',
    handheld: system?.[2] ?? false,
  };
}

/** "Firefox on Linux". */
export function deviceName(agent: string): string {
  const { browser, system } = parseUserAgent(agent);
  return system ? `${browser} on ${system}` : browser;
}
