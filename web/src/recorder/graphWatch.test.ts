// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphWatch, STALL } from './graphWatch';

/** A context whose clock moves while it is told to. */
class Context extends EventTarget {
  state = 'running';
  moves = true;
  speed = 1;
  setSinkId?: (sink: { type: 'none' }) => Promise<void> = undefined;
  resume = vi.fn(() => this.become('running'));
  suspend = vi.fn(() => this.become('suspended'));
  #stoppedAt = 0;
  get currentTime() {
    if (this.moves && this.state === 'running') this.#stoppedAt = (performance.now() / 1000) * this.speed;
    return this.#stoppedAt;
  }
  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
    return Promise.resolve();
  }
}

const devices = new EventTarget();
let context: Context, stalls: boolean[], watch: GraphWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  vi.stubGlobal('navigator', { mediaDevices: devices });
  context = new Context();
  stalls = [];
  watch = new GraphWatch(context, (s) => stalls.push(s));
  vi.advanceTimersByTime(1000);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('a graph that runs is left alone', () => {
  vi.advanceTimersByTime(10_000);
  expect(stalls).toEqual([]);
  expect(context.resume).not.toHaveBeenCalled();
});

it('a graph that the system stops is resumed at once', () => {
  void context.become('interrupted');
  expect(context.resume).toHaveBeenCalledOnce();
  expect(context.state).toBe('running');
});

describe.each<[string, EventTarget]>([
  ['a page that is seen again', document],
  ['a device that comes or goes', devices],
])('%s', (name, target) => {
  const event = target === devices ? 'devicechange' : 'visibilitychange';

  it(`resumes a graph that could not be resumed before (${name})`, () => {
    context.resume.mockImplementation(() => Promise.resolve());
    void context.become('suspended');
    context.resume.mockClear();
    target.dispatchEvent(new Event(event));
    expect(context.resume).toHaveBeenCalledOnce();
  });
});

it('says within two seconds that a graph stands still, and that it runs again', () => {
  context.moves = false;
  vi.advanceTimersByTime(2000);
  expect(stalls).toEqual([true]);
  context.moves = true;
  vi.advanceTimersByTime(500);
  expect(stalls).toEqual([true, false]);
});

it('a graph that says it runs and does not goes on without a sound card', () => {
  context.setSinkId = vi.fn(() => Promise.resolve());
  context.moves = false;
  vi.advanceTimersByTime(STALL + 500);
  expect(context.setSinkId).toHaveBeenCalledExactlyOnceWith({ type: 'none' });
});

it('where it cannot do without, it is stopped and started', async () => {
  context.moves = false;
  await vi.advanceTimersByTimeAsync(STALL + 500);
  expect(context.suspend).toHaveBeenCalledOnce();
  expect(context.resume).toHaveBeenCalled();
});

it('nothing stands still before the first click, but what was clicked for and does not come does', () => {
  const fresh = new Context();
  fresh.state = 'suspended';
  fresh.resume.mockImplementation(() => Promise.resolve());
  const said: boolean[] = [];
  const other = new GraphWatch(fresh, (s) => said.push(s));
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual([]);
  void other.isAdvancing();
  vi.advanceTimersByTime(2000);
  expect(said).toEqual([true]);
  other.stop();
});

it('shows how far the clock of the graph lags behind', () => {
  const slow = Object.assign(new Context(), { speed: 0.5 });
  const looks: number[][] = [];
  const other = new GraphWatch(
    slow,
    () => {},
    (...look) => looks.push(look),
  );
  vi.advanceTimersByTime(1000);
  other.stop();
  const [first, last] = [looks[0]!, looks.at(-1)!];
  expect(last[1]! - first[1]!).toBeCloseTo((last[0]! - first[0]!) / 2);
});

it('a recording learns whether the graph runs', async () => {
  const running = watch.isAdvancing();
  await vi.advanceTimersByTimeAsync(1100);
  expect(await running).toBe(true);
  context.moves = false;
  const standing = watch.isAdvancing();
  await vi.advanceTimersByTimeAsync(1100);
  expect(await standing).toBe(false);
});
