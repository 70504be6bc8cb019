import { expect, it } from 'vitest';
import { common, emojiName, oneEmoji } from './emoji';

it.each(['👍', '👍🏽', '❤️', '👩‍👩‍👧‍👦', '🇦🇹', '1️⃣', ' 🎉 '])('%s is one emoji', (text) => expect(oneEmoji(text)).toBe(text.trim()));
it.each(['', 'a', '👍👍', 'ok 👍', '1', '🇦', ':+1:', '👍'.repeat(5000)])('%s is not', (text) => expect(oneEmoji(text)).toBeNull());
it('knows what the common ones are called', () => {
  expect(emojiName('👍')).toBe('thumbs up');
  expect(emojiName('🦑')).toBe('🦑');
  expect(common.every(([e]) => oneEmoji(e) === e)).toBe(true);
});
