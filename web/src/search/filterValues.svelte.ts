import { unwrap, api, type Member } from '../lib/api/client';
import { filter, type Choice, type Key } from './filters';
import type { Chip } from './language';
import { foldText } from '../lib/fold';

/** Whether a folded name has a word that begins with what is typed. */
const hasWord = (name: string, typed: string): boolean => name.startsWith(typed) || name.includes(` ${typed}`);

/** Whom and what filters may name in a workspace. Without the lists, words still do. */
export class FilterValues {
  members = $state.raw<Member[]>([]);
  channels = $state.raw<{ id: string; name: string }[]>([]);

  async load(ws: string): Promise<void> {
    const members = unwrap(api.GET('/workspaces/{ws}/members', { params: { path: { ws }, query: { limit: 100 } } }));
    const channels = unwrap(api.GET('/workspaces/{ws}/channels', { params: { path: { ws }, query: { limit: 100 } } }));
    this.members = await members.then((page) => page.items).catch(() => []);
    this.channels = await channels.then((page) => page.items).catch(() => []);
  }

  /** A member as a filter names them: by name, or by id where two have the same name. */
  #member(m: Member): Choice {
    const twice = this.members.filter((o) => o.name.toLowerCase() === m.name.toLowerCase()).length > 1;
    return { value: twice ? m.id : m.name, name: twice ? `${m.name} (${m.email})` : m.name };
  }

  /** The values a filter may have in this workspace, as far as they can be listed. */
  valuesOf(key: Key): Choice[] {
    const { value, choices } = filter(key);
    const channels = value === 'place' ? this.channels.map((c) => ({ value: `#${c.name}`, name: `#${c.name}` })) : [];
    const people = value === 'person' ? this.members.map((m) => this.#member(m)) : [];
    return [...channels, ...choices, ...people];
  }

  /** What may be meant by the beginning of a value. */
  suggestValues(key: Key, value: string): Choice[] {
    const typed = foldText(value);
    return this.valuesOf(key)
      .filter((c) => [c.value, c.name].some((t) => hasWord(foldText(t), typed)))
      .slice(0, 8);
  }

  /** A filter in people's words. */
  label(c: Chip): string {
    const name = this.valuesOf(c.key).find((o) => o.value.toLowerCase() === c.value.toLowerCase())?.name;
    const { value, label } = filter(c.key);
    return `${label} ${name && value !== 'date' ? name : c.value}`.trim();
  }
}
