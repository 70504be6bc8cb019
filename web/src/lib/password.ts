/** The least the server takes. */
export const minPasswordLength = 8;

export type Strength = { score: 0 | 1 | 2 | 3; word: string };

/**
 * A hint, not a gate: a rough count of bits from length and variety, less what is easily guessed. The server
 * takes any password of at least 8 characters, and slows guessing down itself.
 */
export function estimateStrength(password: string, known: string[] = []): Strength {
  if (password.length === 0) return { score: 0, word: '' };
  if ([...password].length < minPasswordLength) return { score: 0, word: `At least ${minPasswordLength} characters` };
  const bits = entropy(password, known);
  if (bits < 36) return { score: 1, word: 'Easily guessed. Longer is better' };
  if (bits < 56) return { score: 2, word: 'Good' };
  return { score: 3, word: 'Strong' };
}

const classes: [RegExp, number][] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/\d/, 10],
  [/[^A-Za-z0-9]/, 33],
];
const common = /password|passwort|letmein|welcome|qwert|asdf|abc|123|iloveyou|admin|tidings/gi;

function entropy(password: string, known: string[]): number {
  const alphabet = classes.reduce((n, [has, size]) => n + (has.test(password) ? size : 0), 0);
  let rest = password.replace(common, '.');
  for (const word of known.flatMap((k) => k.split(/[\s@._-]+/)).filter((w) => w.length >= 3)) {
    rest = rest.replaceAll(new RegExp(word.replace(/[^\p{L}\p{N}]/gu, ''), 'gi'), '.');
  }
  rest = rest.replace(/(.)\1+/gu, '$1'); // aaaa is one guess
  return [...rest].length * Math.log2(Math.max(2, alphabet));
}
