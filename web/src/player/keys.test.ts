// @vitest-environment happy-dom

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handlePlayerKey } from './keys';
import { Playback } from './playback.svelte';

const act = { fullscreen: vi.fn(), captions: vi.fn(), theatre: vi.fn(), comment: vi.fn(), end: vi.fn(), help: vi.fn() };
let p: Playback;

function press(key: string, on: HTMLElement = document.body, extra: KeyboardEventInit = {}): boolean {
  const e = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...extra });
  let used = false;
  const listen = (e: KeyboardEvent) => (used = handlePlayerKey(e, p, act));
  document.addEventListener('keydown', listen, { once: true });
  on.dispatchEvent(e);
  return used;
}

function element(html: string): HTMLElement {
  document.body.innerHTML = html;
  return document.body.querySelector<HTMLElement>('.here')!;
}

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = '';
  vi.clearAllMocks();
  p = new Playback(100_000);
});

describe('keys', () => {
  it.each([
    ['5', 50],
    ['l', 30],
    ['L', 30],
    ['j', 10],
    ['ArrowRight', 25],
    ['ArrowLeft', 15],
    ['0', 0],
    ['9', 90],
  ])('%s from 0:20 goes to %s', (key, want) => {
    p.seek(20);
    expect(press(key)).toBe(true);
    expect(p.time).toBe(want);
  });
  it.each([
    ['f', 'fullscreen'],
    ['c', 'captions'],
    ['t', 'theatre'],
    ['n', 'comment'],
    ['?', 'help'],
  ] as const)('%s asks for %s', (key, what) => {
    press(key);
    expect(act[what]).toHaveBeenCalledOnce();
  });
  it('change speed and volume', () => {
    press('>');
    expect(p.rate).toBe(1.25);
    press('<');
    press('<');
    expect(p.rate).toBe(0.75);
    press('ArrowDown');
    expect(p.volume).toBeCloseTo(0.9);
    press('m');
    expect(p.muted).toBe(true);
  });
  it('step one frame', () => {
    p.seek(20);
    press('.');
    expect(p.time).toBeCloseTo(20 + 1 / 30);
  });
  it('play at 10 % of a part where a link shows only that', () => {
    p = new Playback(100_000, { start_ms: 20_000, end_ms: 40_000 });
    press('5');
    expect(p.time).toBe(30);
  });
});

describe('keys are left alone', () => {
  it.each(['<textarea class="here"></textarea>', '<input class="here">', '<select class="here"></select>'])('in %s', (html) =>
    expect(press('k', element(html))).toBe(false),
  );
  it('with Ctrl, Cmd or Alt', () => {
    for (const m of ['ctrlKey', 'metaKey', 'altKey']) expect(press('f', document.body, { [m]: true })).toBe(false);
  });
  it('where a button wants its space, but not its letters', () => {
    const button = element('<button class="here">x</button>');
    expect(press(' ', button)).toBe(false);
    expect(press('k', button)).toBe(true);
  });
  it('while a dialog is open', () => {
    document.body.innerHTML = '<dialog open></dialog>';
    expect(press('k')).toBe(false);
  });
  it('where arrows choose a tab or scroll a list', () => {
    expect(press('ArrowRight', element('<div role="tablist"><button class="here" role="tab">x</button></div>'))).toBe(false);
    expect(press('ArrowDown', element('<div data-scrolls tabindex="0" class="here"></div>'))).toBe(false);
    expect(press('ArrowRight', element('<div data-scrolls tabindex="0" class="here"></div>'))).toBe(true);
  });
  it('on the seek bar only where they mean the same', () =>
    expect(press('ArrowRight', element('<input type="range" class="here">'))).toBe(true));
  it('unknown ones', () => expect(press('Tab')).toBe(false));
});
