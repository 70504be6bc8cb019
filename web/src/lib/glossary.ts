import { unwrap, api, type Glossary, type GlossaryEntry } from './api/client';

export type Correction = Glossary['suggestions'][number];

export const readGlossary = (ws: string): Promise<Glossary> => unwrap(api.GET('/workspaces/{ws}/glossary', { params: { path: { ws } } }));

/** Replaces the glossary; throws Problem 412 when it has changed since it was read. */
export function writeGlossary(ws: string, entries: GlossaryEntry[], version: number): Promise<Glossary> {
  return unwrap(
    api.PUT('/workspaces/{ws}/glossary', { params: { path: { ws }, header: { 'If-Match': `"${version}"` } }, body: { entries } }),
  );
}

export async function dismissCorrection(ws: string, c: Correction): Promise<void> {
  await unwrap(api.POST('/workspaces/{ws}/glossary/dismiss', { params: { path: { ws } }, body: { heard: c.heard, written: c.written } }));
}

/** The entries with one more way in which a term sounds. */
export function addSoundsLike(entries: readonly GlossaryEntry[], term: string, sound: string): GlossaryEntry[] {
  const old = entries.find((e) => e.term === term);
  if (!old) return [...entries, { term, sounds_like: [sound] }];
  return entries.map((e) => (e === old ? { ...e, sounds_like: [...new Set([...e.sounds_like, sound])] } : e));
}

/** Adds a correction to the glossary as it is now. */
export async function acceptCorrection(ws: string, c: Correction): Promise<Glossary> {
  const now = await readGlossary(ws);
  return writeGlossary(ws, addSoundsLike(now.entries, c.written, c.heard), now.version);
}

/**
 * Entries from pasted text, one a line: "Term: sounds like this, or that", or columns divided by tabs. What a line
 * says of a term that is there is added to it; lines without a term are answered as they are.
 */
export function parseGlossary(text: string, entries: readonly GlossaryEntry[] = []): { entries: GlossaryEntry[]; wrong: string[] } {
  let out = [...entries];
  const wrong: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.trim()) continue;
    const [head = '', ...rest] = line.includes('\t') ? line.split('\t') : line.split(/:\s*/, 2);
    const term = head.trim().replace(/\s+/g, ' ');
    if (!term || term.length > 100 || term.split(' ').length > 8) {
      wrong.push(line.trim());
      continue;
    }
    const sounds = rest
      .join(',')
      .split(/[,;]/)
      .map((s) => s.trim().replace(/\s+/g, ' '))
      .filter(Boolean);
    if (!out.some((e) => e.term === term)) out = [...out, { term, sounds_like: [] }];
    for (const s of sounds) out = addSoundsLike(out, term, s);
  }
  return { entries: out, wrong };
}
