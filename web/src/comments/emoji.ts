/** The emoji people react with most, and what screen readers call them. */
export const common: [emoji: string, name: string][] = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['😂', 'laughing'],
  ['🎉', 'celebration'],
  ['👏', 'applause'],
  ['😮', 'surprised'],
  ['🙏', 'thanks'],
  ['🔥', 'fire'],
  ['👀', 'looking'],
  ['💯', 'hundred points'],
  ['🚀', 'rocket'],
  ['✅', 'done'],
  ['❌', 'no'],
  ['❓', 'question'],
  ['💡', 'idea'],
  ['🤔', 'thinking'],
  ['😀', 'smiling'],
  ['😍', 'delighted'],
  ['😅', 'relieved'],
  ['😢', 'sad'],
  ['😕', 'unsure'],
  ['🙌', 'hooray'],
  ['💪', 'strong'],
  ['👎', 'thumbs down'],
];

/** The first of them, one press away. */
export const quick = common.slice(0, 6);

const names = new Map(common);

/** What an emoji is called; itself when nobody named it. */
export const emojiName = (emoji: string): string => names.get(emoji) ?? emoji;

const picture = /\p{Extended_Pictographic}|^\p{Regional_Indicator}{2}$|\u20e3/u;
const segments = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

/** The text when it is one emoji, as near as a browser can tell (the server decides); else null. */
export function oneEmoji(text: string): string | null {
  const t = text.trim();
  if (!t || t.length > 32 || !picture.test(t)) return null;
  return !segments || [...segments.segment(t)].length === 1 ? t : null;
}
