import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from './api/problem';
import { fetchAllPages, PagedList, type Page, type PageRequest } from './paged.svelte';

type Item = { id: number };
type Pending = PageRequest & { resolve: (page: Page<Item>) => void; reject: (e: unknown) => void };

const page = (ids: number[], next: string | null = null): Page<Item> => ({ items: ids.map((id) => ({ id })), next_cursor: next });

class TestList extends PagedList<Item> {
  requests: Pending[] = [];
  firstPages = 0;

  constructor() {
    super(2);
  }

  get ids() {
    return this.items.map((item) => item.id);
  }

  override reset(state: 'idle' | 'loading') {
    super.reset(state);
  }

  protected override onFirstPage = () => void this.firstPages++;
  protected override keyOf = (item: Item) => String(item.id);
  protected override fetchPage = (request: PageRequest) =>
    new Promise<Page<Item>>((resolve, reject) => this.requests.push({ ...request, resolve, reject }));
}

let list: TestList;
beforeEach(() => {
  list = new TestList();
});

async function loaded(ids: number[], next: string | null = null) {
  const loading = list.load();
  list.requests.at(-1)!.resolve(page(ids, next));
  await loading;
}

describe('loading', () => {
  it('fetches the first page', async () => {
    expect(list.state).toBe('loading');
    await loaded([1, 2], 'b');
    expect(list).toMatchObject({ ids: [1, 2], state: 'ready', cursor: 'b', firstPages: 1 });
    expect(list.requests[0]).toMatchObject({ cursor: null, limit: 2 });
  });

  it('keeps what is shown until the answer is here', async () => {
    await loaded([1]);
    const again = list.load();
    expect(list).toMatchObject({ ids: [1], state: 'ready' });
    list.requests[1]!.resolve(page([2]));
    await again;
    expect(list.ids).toEqual([2]);
  });

  it.each(['resolve', 'reject'] as const)('drops a stale answer (%s)', async (outcome) => {
    const first = list.load();
    await loaded([2]);
    expect(list.requests[0]!.signal.aborted).toBe(true);
    if (outcome === 'resolve') list.requests[0]!.resolve(page([1]));
    else list.requests[0]!.reject(new TypeError('gone'));
    await first;
    expect(list).toMatchObject({ ids: [2], state: 'ready', error: null, firstPages: 1 });
  });

  it('drops an answer that comes after a reset', async () => {
    const loading = list.load();
    list.reset('idle');
    list.requests[0]!.resolve(page([1]));
    await loading;
    expect(list).toMatchObject({ ids: [], state: 'idle' });
  });

  it('reports an error, and loads again on retry', async () => {
    const loading = list.load();
    list.requests[0]!.reject(new Problem({ code: 'internal', detail: 'No.' }));
    await loading;
    expect(list).toMatchObject({ state: 'failed', error: { detail: 'No.' } });

    const again = list.retry();
    expect(list).toMatchObject({ state: 'loading', error: null });
    list.requests[1]!.resolve(page([1]));
    await again;
    expect(list).toMatchObject({ state: 'ready', ids: [1] });
  });
});

describe('the next page', () => {
  it('is appended, each item once', async () => {
    await loaded([1, 2], 'b');
    const more = list.loadMore();
    expect(list.loadingMore).toBe(true);
    expect(list.requests[1]).toMatchObject({ cursor: 'b', limit: 2 });
    list.requests[1]!.resolve(page([2, 3]));
    await more;
    expect(list).toMatchObject({ ids: [1, 2, 3], cursor: null, loadingMore: false, firstPages: 1 });
  });

  it('is asked for once at a time, and only when there is one', async () => {
    await list.loadMore();
    await loaded([1], 'b');
    const more = list.loadMore();
    await list.loadMore();
    list.requests[1]!.resolve(page([2]));
    await more;
    await list.loadMore();
    expect(list.requests).toHaveLength(2);
  });

  it('is dropped when the list was loaded anew meanwhile', async () => {
    await loaded([1], 'b');
    const more = list.loadMore();
    await loaded([5]);
    list.requests[1]!.resolve(page([2]));
    await more;
    expect(list).toMatchObject({ ids: [5], loadingMore: false });
  });

  it('that fails leaves what is there, and can be retried', async () => {
    await loaded([1], 'b');
    const more = list.loadMore();
    list.requests[1]!.reject(new TypeError('gone'));
    await more;
    expect(list).toMatchObject({ ids: [1], state: 'ready', cursor: 'b', error: { code: 'unreachable' } });

    const again = list.retry();
    list.requests[2]!.resolve(page([2]));
    await again;
    expect(list).toMatchObject({ ids: [1, 2], error: null });
  });
});

it('reads a list to its end', async () => {
  const pages: Record<string, Page<Item>> = { first: page([1, 2], 'b'), b: page([3]) };
  expect((await fetchAllPages(async (cursor) => pages[cursor ?? 'first']!)).map((item) => item.id)).toEqual([1, 2, 3]);
});
