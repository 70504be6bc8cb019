import { answer, api, type Member } from '../lib/api/client';
import { kinds } from '../library/address';
import type { Chip, Key } from './language';

export interface Choice {
  value: string;
  name: string;
}

/** Whom and what filters may name in a workspace. Without the lists, words still do. */
export class Known {
  members = $state.raw<Member[]>([]);
  channels = $state.raw<{ id: string; name: string }[]>([]);

  async load(ws: string): Promise<void> {
    const members = answer(api.GET('/workspaces/{ws}/members', { params: { path: { ws }, query: { limit: 100 } } }));
    const channels = answer(api.GET('/workspaces/{ws}/channels', { params: { path: { ws }, query: { limit: 100 } } }));
    this.members = await members.then((page) => page.items).catch(() => []);
    this.channels = await channels.then((page) => page.items).catch(() => []);
  }

  /** Somebody as a filter names them: by name, or by id where two are called the same. */
  #member(m: Member): Choice {
    const twice = this.members.filter((o) => o.name.toLowerCase() === m.name.toLowerCase()).length > 1;
    return { value: twice ? m.id : m.name, name: twice ? `${m.name} (${m.email})` : m.name };
  }

  choices(key: Key): Choice[] {
    switch (key) {
      case 'from':
        return [{ value: 'me', name: 'Me' }, ...this.members.map((m) => this.#member(m))];
      case 'in':
        return [
          ...this.channels.map((c) => ({ value: `#${c.name}`, name: `#${c.name}` })),
          { value: 'titles', name: 'Titles and descriptions' },
          { value: 'transcript', name: 'What was said' },
          { value: 'comments', name: 'Comments' },
        ];
      case 'kind':
        return kinds.map((k) => ({ value: k.kind, name: k.name }));
      case 'is':
        return [
          { value: 'unseen', name: 'Not watched by me' },
          { value: 'unanswered', name: 'Waits for an answer' },
          { value: 'mine', name: 'Mine' },
        ];
      case 'has':
        return [{ value: 'comments', name: 'With comments' }];
      case 'tag':
        return [];
      default:
        return [
          { value: 'today', name: 'Today' },
          { value: 'yesterday', name: 'Yesterday' },
          { value: '7d', name: '7 days ago' },
          { value: '30d', name: '30 days ago' },
          { value: '6m', name: '6 months ago' },
        ];
    }
  }

  /** What may be meant by the beginning of a value. */
  suggest(key: Key, value: string): Choice[] {
    const typed = value.toLowerCase().replace(/^[@#]/, '');
    return this.choices(key)
      .filter((c) => [c.value, c.name].some((t) => t.toLowerCase().replace(/^#/, '').startsWith(typed)))
      .slice(0, 8);
  }

  /** A filter in people's words. */
  label(c: Chip): string {
    const name = this.choices(c.key).find((o) => o.value.toLowerCase() === c.value.toLowerCase())?.name;
    const shown = name && c.key !== 'before' && c.key !== 'after' && c.key !== 'on' ? name : c.value;
    return `${labels[c.key]} ${shown}`.trim();
  }
}

const labels: Record<Key, string> = {
  from: 'From',
  in: 'In',
  kind: 'Kind',
  tag: 'Tag',
  is: '',
  has: '',
  before: 'Before',
  after: 'After',
  on: 'On',
};
