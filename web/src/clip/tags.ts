export const maxTags = 20; // as the server has it
export const maxTagLength = 50; // characters

/** The tags with one more; the same list when there is nothing to add. Case does not tell two tags apart. */
export function addTag(tags: string[], text: string): string[] {
  const tag = text.trim().replace(/^#/, '').replace(/\s+/g, ' ');
  const isKnown = tags.some((t) => t.toLowerCase() === tag.toLowerCase());
  return !tag || isKnown || tags.length >= maxTags ? tags : [...tags, tag];
}

/** The search page with the clips that have a tag. A quote cannot be written inside quotes, and search folds it away. */
export function searchByTag(tag: string): string {
  return `/search?q=${encodeURIComponent(`tag:"${tag.replaceAll('"', ' ')}"`)}`;
}
