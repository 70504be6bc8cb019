import { writeFile } from 'node:fs/promises';

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;
type Found = Record<string, string>; // a reference to an element

const elementKey = 'element-6066-11e4-a52e-4f735466cecf'; // W3C WebDriver: the web element identifier
const patience = 20_000; // ms
const interval = 100; // ms

/** Keys of the keyboard as WebDriver names them. */
export const key = { enter: '\uE007', control: '\uE009', escape: '\uE00C' };

/** The page of a browser under WebDriver. */
export class WebKitPage {
  constructor(private readonly call: Call) {}

  async goto(url: string): Promise<void> {
    await this.call('POST', '/url', { url });
  }

  url(): Promise<string> {
    return this.call('GET', '/url');
  }

  /** Runs a function in the page; it may be asynchronous. */
  async evaluate<T, A extends unknown[]>(run: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    const script = `
      const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${run.toString()})(...Array.prototype.slice.call(arguments, 0, -1)))
        .then((value) => done({ value: value === undefined ? null : value }), (e) => done({ failed: String(e) }));`;
    const answer = await this.call<{ value: T; failed?: string }>('POST', '/execute/async', { script, args });
    if (answer.failed !== undefined) throw new Error(answer.failed);
    return answer.value;
  }

  /** Waits until the function answers something other than null, false and 0 in the page; across navigations. */
  async waitFor<T, A extends unknown[]>(run: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    let problem: unknown = 'nothing';
    for (const end = Date.now() + patience; Date.now() < end;) {
      try {
        const value = await this.evaluate(run, ...args);
        if (value) return value;
        problem = value;
      } catch (e) {
        problem = e; // while the page is being replaced
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
    throw new Error(`waited in vain for ${run.toString()} ${JSON.stringify(args)}: ${String(problem)}`);
  }

  /** Waits until the page shows these words. */
  async shows(words: string): Promise<void> {
    await this.waitFor((text) => document.body.innerText.includes(text), words);
  }

  async click(selector: string): Promise<void> {
    await this.call('POST', `/element/${await this.find(selector)}/click`, {});
  }

  /** Clicks the button, link, tab or label that shows, or is named by, these words. */
  async clickNamed(words: string): Promise<void> {
    const mark = `p${Date.now()}`;
    await this.waitFor(markByWords, words, mark);
    await this.click(`[data-story="${mark}"]`);
  }

  /** Presses keys together, wherever the focus is. */
  async pressKeys(...keys: string[]): Promise<void> {
    const down = keys.map((value) => ({ type: 'keyDown', value }));
    const up = keys.toReversed().map((value) => ({ type: 'keyUp', value }));
    await this.call('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions: [...down, ...up] }] });
  }

  /** Types into the element, as a keyboard would. */
  async type(selector: string, text: string): Promise<void> {
    await this.call('POST', `/element/${await this.find(selector)}/value`, { text });
  }

  /** Goes into a frame; the commands that follow are for it. */
  async enterFrame(selector: string): Promise<void> {
    await this.call('POST', '/frame', { id: { [elementKey]: await this.find(selector) } });
  }

  async leaveFrame(): Promise<void> {
    await this.call('POST', '/frame', { id: null });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.call('POST', '/window/rect', { width, height });
  }

  /** Writes what is seen to a file: of the page, or of one element. */
  async screenshot(path: string, selector?: string): Promise<void> {
    const of = selector ? `/element/${await this.find(selector)}` : '';
    await writeFile(path, Buffer.from(await this.call<string>('GET', `${of}/screenshot`), 'base64'));
  }

  private async find(selector: string): Promise<string> {
    await this.waitFor((css) => document.querySelector(css) !== null, selector);
    return (await this.call<Found>('POST', '/element', { using: 'css selector', value: selector }))[elementKey]!;
  }
}

/** Runs in the page: marks the first visible control with these words. */
function markByWords(words: string, mark: string): boolean {
  const controls = document.querySelectorAll<HTMLElement>('button, a, [role=tab], [role=menuitem], label, summary');
  const text = (e: HTMLElement) => e.innerText.trim().replace(/\s+\d+$/, ''); // without a count
  const named = (e: HTMLElement) => text(e) === words || e.getAttribute('aria-label') === words;
  const found = [...controls].find((e) => named(e) && e.getClientRects().length > 0);
  found?.setAttribute('data-story', mark);
  return found !== undefined;
}
