import type { Playback } from './playback.svelte';

/** What keys do beside moving the playhead. */
export interface Actions {
  fullscreen(): void;
  captions(): void;
  theatre(): void;
  comment(): void;
  end(): void;
  help(): void;
}

/** The keys as the help shows them. */
export const help: [keys: string[], what: string][] = [
  [['Space', 'K'], 'Play or pause'],
  [['←', '→'], 'Back or forward 5 seconds'],
  [['J', 'L'], 'Back or forward 10 seconds'],
  [[',', '.'], 'One frame back or forward'],
  [['<', '>'], 'Slower or faster'],
  [['↑', '↓'], 'Louder or quieter'],
  [['0', '9'], 'Jump to 0 % … 90 %'],
  [['M'], 'Mute'],
  [['C'], 'Captions'],
  [['S'], 'Skip silences'],
  [['F'], 'Full screen'],
  [['T'], 'Theatre'],
  [['N'], 'Comment at this second'],
  [['O'], 'End the stretch a comment is about'],
  [['?'], 'This help'],
];

const frameDuration = 1 / 30;

/** Handles the usual keys of video players; returns whether it was one of them. */
export function handlePlayerKey(e: KeyboardEvent, p: Playback, act: Actions): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || isTyping(e) || document.querySelector('dialog[open]')) return false;
  const run = keyAction(e.key, p, act);
  if (!run) return false;
  e.preventDefault();
  run();
  return true;
}

function keyAction(key: string, p: Playback, act: Actions): (() => void) | undefined {
  if (/^[0-9]$/.test(key)) return () => p.seek(p.span.start + ((p.span.end - p.span.start) * Number(key)) / 10);
  const keys: Record<string, () => void> = {
    ' ': p.toggle,
    k: p.toggle,
    j: () => p.skipBy(-10),
    l: () => p.skipBy(10),
    ArrowLeft: () => p.skipBy(-5),
    ArrowRight: () => p.skipBy(5),
    ArrowUp: () => p.changeVolume(0.1),
    ArrowDown: () => p.changeVolume(-0.1),
    ',': () => stepFrame(p, -frameDuration),
    '.': () => stepFrame(p, frameDuration),
    '<': () => p.changeRate(-0.25),
    '>': () => p.changeRate(0.25),
    m: () => p.setMuted(!p.muted),
    s: () => p.setSkipSilences(!p.skipSilences),
    f: act.fullscreen,
    c: act.captions,
    t: act.theatre,
    n: act.comment,
    o: act.end,
    '?': act.help,
  };
  return keys[key.length === 1 ? key.toLowerCase() : key];
}

function stepFrame(p: Playback, by: number): void {
  p.pause();
  p.skipBy(by);
}

/** Whether the key belongs to what has the focus: text being written, a button's space, a tab list's arrows. */
function isTyping(e: KeyboardEvent): boolean {
  const el = e.target;
  if (!(el instanceof HTMLElement)) return false;
  if (el.isContentEditable || el.matches('textarea, select, input:not([type="range"])')) return true;
  const vertical = e.key === 'ArrowUp' || e.key === 'ArrowDown';
  if (vertical && el.closest('[data-scrolls], [role="menu"], [role="listbox"]')) return true;
  if (e.key.startsWith('Arrow') && el.closest('[role="tablist"], [role="menu"], input[type="range"][data-own-arrows]')) return true;
  return e.key === ' ' && el.closest('button, a, summary, [role="menuitem"]') !== null;
}
