import { mount, type Component } from 'svelte';
import './app.css';
import { boot, hasBootData } from './lib/boot';
import { pages } from './lib/pages';
import Broken from './ui/Broken.svelte';
import Confirm from './ui/Confirm.svelte';
import Toasts from './ui/Toasts.svelte';

/** One chunk a page. The server names the page and has put its first data into the HTML. */
const components = import.meta.glob<{ default: Component }>('./pages/*.svelte');

const target = document.getElementById('app') ?? document.body.appendChild(document.createElement('div'));

async function start(): Promise<void> {
  if (!hasBootData) return broken('The server did not send what this page needs. If you run Tidings yourself, look at its log.');
  let Page: Component;
  try {
    ({ default: Page } = await components[`./pages/${pages[boot.page].component}.svelte`]!());
  } catch {
    // After an upgrade the old chunks are gone, or the connection failed.
    return broken('A part of it did not arrive. Tidings may have just been upgraded, or the connection broke.');
  }
  target.replaceChildren(); // what the server rendered until now
  mount(Page, { target });
  mount(Toasts, { target: document.body });
  mount(Confirm, { target: document.body });
}

function broken(text: string): void {
  target.replaceChildren();
  mount(Broken, { target, props: { text } });
}

await start();
