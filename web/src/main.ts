import { mount, type Component } from 'svelte';
import './app.css';
import { boot, hasBootData, type Boot } from './lib/boot';
import Broken from './ui/Broken.svelte';
import Confirm from './ui/Confirm.svelte';
import Toasts from './ui/Toasts.svelte';

/** One chunk a page. The server names the page and has put its first data into the HTML. */
const pages: Record<Boot['page'], () => Promise<{ default: Component }>> = {
  home: () => import('./pages/Home.svelte'),
  record: () => import('./pages/Record.svelte'),
  clip: () => import('./pages/Clip.svelte'),
  library: () => import('./pages/Library.svelte'),
  inbox: () => import('./pages/Inbox.svelte'),
  search: () => import('./pages/Search.svelte'),
  setup: () => import('./pages/Setup.svelte'),
  login: () => import('./pages/Login.svelte'),
  invite: () => import('./pages/Invite.svelte'),
  settings: () => import('./pages/Settings.svelte'),
  security: () => import('./pages/Security.svelte'),
  people: () => import('./pages/People.svelte'),
  workspace: () => import('./pages/Workspace.svelte'),
  audit: () => import('./pages/Audit.svelte'),
  not_found: () => import('./pages/NotFound.svelte'),
};

const target = document.getElementById('app') ?? document.body.appendChild(document.createElement('div'));

async function start(): Promise<void> {
  if (!hasBootData) return broken('The server did not send what this page needs. If you run Tidings yourself, look at its log.');
  let Page: Component;
  try {
    ({ default: Page } = await pages[boot.page]());
  } catch {
    // After an upgrade the old chunks are gone; or the connection broke while loading.
    return broken('A part of it did not arrive. Tidings may have just been upgraded, or the connection broke.');
  }
  target.replaceChildren(); // what the server drew, for the time until now
  mount(Page, { target });
  mount(Toasts, { target: document.body });
  mount(Confirm, { target: document.body });
}

function broken(text: string): void {
  target.replaceChildren();
  mount(Broken, { target, props: { text } });
}

await start();
