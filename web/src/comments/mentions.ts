/**
 * Mentions as they are typed and as they are sent. The box shows "@Ana Lima"; what is sent is "@[Ana Lima](id)",
 * so that a person stays the same when their name changes.
 */
export interface Picked {
  id: string;
  name: string;
}

const token = /@\[([^\]\n]{1,100})\]\(([0-9A-Z]{26})\)/gu;
const beingTyped = /(?:^|[\s(])@([\p{L}\p{M}\p{N}.'’ʼʻ‘`‑-]{0,40}(?: [\p{L}\p{M}\p{N}.'’ʼʻ‘`‑-]{0,40})?)$/u;
const wordGoesOn = /^[\p{L}\p{M}\p{N}]/u;

/** The mention being typed at the caret: the offset of its "@" and what follows; null when there is none. */
export function mentionAt(text: string, caret: number): { from: number; q: string } | null {
  const m = beingTyped.exec(text.slice(0, caret));
  return m ? { from: caret - m[1]!.length - 1, q: m[1]! } : null;
}

/** The text with the person in the place of what was typed, and where the caret goes. */
export function insertMention(text: string, at: { from: number; q: string }, person: Picked): { text: string; caret: number } {
  const before = `${text.slice(0, at.from)}@${person.name} `;
  const after = text.slice(at.from + 1 + at.q.length).replace(/^ /, '');
  return { text: before + after, caret: before.length };
}

/** The text to send: each "@Name" of a picked person becomes a mention. Of two with one name, the first picked comes first. */
export function encodeMentions(text: string, picked: readonly Picked[]): string {
  const names = [...new Set(picked.map((p) => p.name))].sort((a, b) => b.length - a.length);
  const rest = [...picked];
  let out = '';
  for (let i = 0; i < text.length;) {
    const name =
      text[i] === '@' ? names.find((n) => text.startsWith(n, i + 1) && !wordGoesOn.test(text.slice(i + 1 + n.length))) : undefined;
    if (name === undefined) {
      out += text[i++];
      continue;
    }
    const turn = rest.findIndex((p) => p.name === name);
    const who = turn >= 0 ? rest.splice(turn, 1)[0]! : picked.findLast((p) => p.name === name)!;
    out += `@[${name.replace(/[[\]\n]/g, ' ').trim()}](${who.id})`;
    i += 1 + name.length;
  }
  return out;
}

/** The text as it is edited, and who is mentioned in it. */
export function decodeMentions(body: string): { text: string; picked: Picked[] } {
  const picked: Picked[] = [];
  const text = body.replace(token, (_, name: string, id: string) => {
    picked.push({ id, name });
    return `@${name}`;
  });
  return { text, picked };
}
