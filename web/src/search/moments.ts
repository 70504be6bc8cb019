import type { Moment } from '../lib/api/client';

/**
 * The moments of a clip, each with a name that is its own in the page. A comment may say the same word at two places:
 * both moments are then of one source, id and second, and only their order tells them apart.
 */
export function nameMoment(moments: Moment[]): { moment: Moment; name: string }[] {
  const before = new Map<string, number>();
  return moments.map((moment) => {
    const name = `${moment.source}-${moment.id}-${moment.start_ms}`;
    const n = before.get(name) ?? 0;
    before.set(name, n + 1);
    return { moment, name: n === 0 ? name : `${name}-${n}` };
  });
}
