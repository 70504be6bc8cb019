/** At most two letters that stand for a name: "Ana Lima Souza" → "AS". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return ends.map((w) => [...w][0]!.toUpperCase()).join('') || '?';
}

/** A hue in degrees that stays the same for the same id. */
export function authorHue(id: string): number {
  let h = 0;
  for (const c of id) h = (h * 31 + c.codePointAt(0)!) % 3600;
  return h / 10;
}
